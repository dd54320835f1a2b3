"""What a phone's log tells: the messages in order, each with its headers, apart from baresip's own remarks."""

from tests.calls.ladder import messages, remarks

LOG = (
    "baresip is ready.\n"
    "\x1b[36;1m#\nUDP 10.20.8.10:5062 -> 10.20.0.11:5060\n"
    "BYE sip:1001@10.20.0.11 SIP/2.0\r\nCall-ID: a84b4c76\r\nCSeq: 7 BYE\r\n\r\n\x1b[;m\n"
    "call: terminated\n"
    "\x1b[36;1m#\nUDP 10.20.0.11:5060 -> 10.20.8.10:5062\n"
    "SIP/2.0 200 OK\r\ncall-id:a84b4c76\r\nCSeq: 7 BYE\r\n\r\n\x1b[;m\n"
)


def test_messages_come_in_order() -> None:
    assert [message.first_line for message in messages(LOG)] == ["BYE sip:1001@10.20.0.11 SIP/2.0", "SIP/2.0 200 OK"]


def test_headers_are_found_however_they_are_written() -> None:
    assert {message.header("Call-ID") for message in messages(LOG)} == {"a84b4c76"}
    assert messages(LOG)[0].header("Route") == ""


def test_a_step_of_the_ladder_names_both_ends() -> None:
    assert messages(LOG)[0].step == ("UDP 10.20.8.10:5062 -> 10.20.0.11:5060  BYE sip:1001@10.20.0.11 SIP/2.0  [7 BYE]")


def test_remarks_are_what_is_left() -> None:
    assert remarks(LOG) == ["baresip is ready.", "call: terminated"]
