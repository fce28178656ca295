"""The lint finds what would trip a reader of the protos, and lets good ones pass."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "lint_protos.py"
OPTIONS = """
option go_package = "example.com/shop/v1;shopv1";
option java_package = "com.example.shop.v1";
option java_multiple_files = true;
"""
GOOD = f"""
syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
{OPTIONS}
// Sells things.
service ShopService {{
  // Takes an order.
  rpc Sell(SellRequest) returns (SellResponse);
  rpc List(ListOrdersRequest) returns (stream ListOrdersResponse);
}}
message SellRequest {{
  Order order = 1;
  OAuth2Grant grant = 2;
}}
message SellResponse {{ google.protobuf.Timestamp sold_at = 1; }}
message ListOrdersRequest {{}}
message ListOrdersResponse {{ map<string, Order> by_name = 1; }}
// What somebody wants.
message Order {{
  string what = 1;
  string price = 2;
  optional uint32 count = 3;
}}
message Pair {{
  string left = 1;
  string right = 2;
}}
message Choice {{
  oneof kind {{
    string a = 1;
    string b = 2;
    string c = 3;
  }}
}}
enum OAuth2Grant {{
  OAUTH2_GRANT_UNSPECIFIED = 0; // password
  OAUTH2_GRANT_JWT_BEARER = 1;
}}
"""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False, timeout=60
    )


def put(folder: Path, text: str, name: str = "shop/v1/shop_service.proto") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_good_protos_pass(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    done = lint(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 protos, 0 findings\n", "")


@pytest.mark.parametrize(
    ("good", "bad", "finding"),
    [
        ("// Sells things.\n", "", "service ShopService has no comment"),
        ("// Takes an order.\n", "", "rpc ShopService.Sell has no comment"),
        ("// What somebody wants.\n", "", "message Order has no comment, and none of its fields has"),
        ("; // password", ";", "enum OAuth2Grant has no comment, and none of its values has"),
        ("ShopService", "Shop", "service Shop is not PascalCase with Service at its end"),
        ("message Pair", "message pair", "message pair is not PascalCase"),
        ("string left", "string leftSide", "field Pair.leftSide is not lower_snake_case"),
        ("oneof kind", "oneof theKind", "oneof theKind is not lower_snake_case"),
        ("OAUTH2_GRANT_JWT", "JWT", "value JWT_BEARER does not begin with its enum's name"),
        ("GRANT_UNSPECIFIED", "GRANT_NONE", "zero and only zero is _UNSPECIFIED"),
        ("google.protobuf.Timestamp sold_at", "int64 sold_at", "sold_at is a moment by its name"),
        ("string price", "double price", "Order.price is money"),
        ("rpc Sell(SellRequest)", "rpc Sell(Order)", "has Order, which is no Sell...Request of its file"),
        (
            "returns (SellResponse)",
            "returns (stream ListOrdersResponse)",
            "rpc ShopService.List shares ListOrdersResponse with another",
        ),
        (
            "returns (SellResponse)",
            "returns (google.protobuf.Timestamp)",
            "has Timestamp, which is no Sell...Response of its file",
        ),
        ("package shop.v1;", "package shop.v2;", "package shop.v2 belongs into shop/v2/"),
        ("package shop.v1;", "package shop;", "package 'shop' is not lowercase words that end in a version"),
        ('syntax = "proto3";', 'syntax = "proto2";', "is not proto3"),
        ("option java_multiple_files = true;", "", "option java_multiple_files is missing"),
    ],
)
def test_a_stumbling_block_is_found_where_it_is(tmp_path: Path, good: str, bad: str, finding: str) -> None:
    text = GOOD.replace(good, bad)
    if "proto2" in bad:  # which wants a label on every field
        text = f'syntax = "proto2";\npackage shop.v1;\n{OPTIONS}'
    put(tmp_path, text)
    done = lint(tmp_path)
    assert done.returncode == 1, done.stderr
    [line] = [line for line in done.stderr.splitlines() if finding in line]
    assert line.startswith("shop/v1/shop_service.proto:")


def test_a_finding_names_the_line(tmp_path: Path) -> None:
    put(tmp_path, GOOD.replace("string left", "string leftSide"))
    number = 1 + GOOD[: GOOD.index("string left")].count("\n")
    assert f"shop/v1/shop_service.proto:{number}: " in lint(tmp_path).stderr


def test_options_are_the_same_in_one_package(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    other = f'syntax = "proto3";\npackage shop.v1;\n{OPTIONS}'.replace("com.example", "org.example")
    put(tmp_path, other, "shop/v1/other.proto")
    assert "option java_package is not the same in all of shop.v1" in lint(tmp_path).stderr


def test_protos_that_protoc_refuses_are_another_exit_code(tmp_path: Path) -> None:
    put(tmp_path, GOOD + "message {")
    assert lint(tmp_path).returncode == 2
