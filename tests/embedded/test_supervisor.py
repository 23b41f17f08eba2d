import socket

import pytest

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.supervisor import Address, address_from, how_it_ended, require_free


@pytest.mark.parametrize(
    ("environment", "bind", "url", "probe_host"),
    [
        ({}, "127.0.0.1:8000", "http://localhost:8000", "127.0.0.1"),
        ({"PORT": "8123", "HOST": ""}, "127.0.0.1:8123", "http://localhost:8123", "127.0.0.1"),
        ({"HOST": "::"}, "[::]:8000", "http://localhost:8000", "::1"),
        ({"HOST": "::1"}, "[::1]:8000", "http://localhost:8000", "::1"),
        ({"HOST": "clinic.example"}, "clinic.example:8000", "http://clinic.example:8000", "clinic.example"),
    ],
)
def test_address_is_read_from_the_environment(
    environment: dict[str, str], bind: str, url: str, probe_host: str
) -> None:
    address = address_from(environment)

    assert (address.bind, address.url, address.probe_host) == (bind, url, probe_host)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "80.0"])
def test_address_refuses_a_port_that_is_none(port: str) -> None:
    with pytest.raises(EmbeddedError, match="must be a number from 1 to 65535"):
        address_from({"PORT": port})


def test_port_in_use_is_reported_with_another_to_choose() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(EmbeddedError, match=rf"cannot listen on 127\.0\.0\.1:{port} .*PORT={port + 1} "):
            require_free(Address("127.0.0.1", port))

    require_free(Address("127.0.0.1", port))


@pytest.mark.parametrize(("code", "words"), [(1, "exit code 1"), (-9, "killed by SIGKILL")])
def test_how_it_ended_is_said_in_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words
