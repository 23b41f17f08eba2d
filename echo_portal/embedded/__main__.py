"""`python -m echo_portal.embedded server | run [--test] -- COMMAND …`, and the processes that these start."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.run import run as run_command
from echo_portal.embedded.services import keep
from echo_portal.embedded.supervisor import serve_portal


def main(arguments: list[str]) -> int:
    """Run one command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m echo_portal.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    commands.add_parser("server", help="run the portal with everything it needs")
    run = commands.add_parser("run", help="run a command with the services it needs")
    run.add_argument("--test", action="store_true", help="new, empty services that are removed afterwards")
    run.add_argument("command", nargs=argparse.REMAINDER)
    keeper = commands.add_parser("keep", help="(internal) be the parent of one service while it has users")
    keeper.add_argument("service", choices=["postgres", "valkey"])
    keeper.add_argument("var", type=Path)
    keeper.add_argument("--throwaway", action="store_true")
    mail = commands.add_parser("mail", help="(internal) catch mail in a folder")
    mail.add_argument("folder", type=Path)
    wanted = parser.parse_args(arguments)
    match wanted.name:
        case "server":
            return serve_portal()
        case "run":
            command = wanted.command[1:] if wanted.command[:1] == ["--"] else wanted.command
            return run_command(command, throwaway=wanted.test)
        case "keep":
            return keep(wanted.service, wanted.var, throwaway=wanted.throwaway)
        case _:
            return asyncio.run(_catch_mail(wanted.folder))


async def _catch_mail(folder: Path) -> int:
    # aiosmtpd may be missing, and the other commands start sooner without it.
    from echo_portal.embedded.catcher import serve  # noqa: PLC0415

    until = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, until.set)
    await serve(folder, on_ready=_say_port, until=until)
    return 0


def _say_port(port: int) -> None:
    """The line that the supervisor reads the port from."""
    sys.stdout.write(f"port {port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
