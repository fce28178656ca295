"""The engine in virtual time, with recipients that answer by script and a journal in memory (design 2.1).

Nothing here decides anything: the couriers, deliveries and outlets are those that carry real leads.
"""
