"""An end to what one path may look at, whatever document a stranger sends."""

MAX_LOOKED_AT = 40_000  # nodes or values


class TooMuch(Exception):
    """More would have to be looked at than any path may."""


class Budget:
    """What is left for one evaluation of a path."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_LOOKED_AT

    def spend(self, cost: int = 1) -> None:
        self.left -= cost
        if self.left < 0:
            raise TooMuch
