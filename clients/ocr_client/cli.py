"""`ocr`: read images and documents from the command line."""

import os


def main() -> None:
    """Run the command; its exit code is the process's."""
    # Our errors say what gRPC's log would. It is read when grpc is imported, so before the rest.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")

    from ocr_client import commands, console

    console.use_utf8()
    commands.app(prog_name="ocr")


if __name__ == "__main__":
    main()
