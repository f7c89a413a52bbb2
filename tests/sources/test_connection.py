"""Connections as Airflow writes them, read without Airflow, and never shown."""

import pytest

from sources.connection import connection_from, from_environment
from sources.pull.errors import PullError

SECRET = "p@ss/词:#1"  # as people choose them


@pytest.mark.parametrize(
    "text",
    [
        "sftp://reader:p%40ss%2F%E8%AF%8D%3A%231@police.example:2222/archive?region=north&host_key=AAAA",
        '{"conn_type": "sftp", "login": "reader", "password": "p@ss/词:#1", "host": "police.example", "port": 2222, "schema": "archive", '
        '"extra": {"region": "north", "host_key": "AAAA"}}',
        '{"login": "reader", "password": "p@ss/词:#1", "host": "police.example", "port": "2222", "schema": "archive", '
        '"extra": "{\\"region\\": \\"north\\", \\"host_key\\": \\"AAAA\\"}"}',
        "sftp://reader:p%40ss%2F%E8%AF%8D%3A%231@police.example:2222/archive?__extra__=%7B%22region%22%3A+%22north%22%2C+%22host_key%22%3A+%22AAAA%22%7D",
    ],
    ids=["address", "json", "extra as text", "extra in an address"],
)
def test_an_address_and_json_say_the_same(text):
    found = from_environment({"AIRFLOW_CONN_POLICE_SFTP": text})("police_sftp")
    assert (found.login, found.password, found.host, found.port, found.schema) == ("reader", SECRET, "police.example", 2222, "archive")
    assert found.extra == {"region": "north", "host_key": "AAAA"}


def test_secrets_are_hidden_as_they_are_and_as_addresses_write_them():
    found = connection_from("api", '{"password": "p@ss/词:#1", "extra": {"headers": {"X-Key": "k-123456"}, "region": "north"}}')
    told = found.hide("p@ss/词:#1 p%40ss%2F%E8%AF%8D%3A%231 k-123456 north")
    assert told == "*** *** *** north"
    assert SECRET not in repr(found)


@pytest.mark.parametrize("text", ["{broken-secret", "no-address-secret", "sftp://a:secret@host:port/"])
def test_what_is_no_connection_is_not_repeated(text):
    with pytest.raises(PullError, match="的写法不对") as told:
        connection_from("x", text)
    assert "secret" not in str(told.value)


def test_a_missing_connection_names_its_variable():
    with pytest.raises(PullError, match="AIRFLOW_CONN_POLICE"):
        from_environment({"AIRFLOW_CONN_POLICE": " "})("police")
