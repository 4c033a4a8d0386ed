"""``python -m ocr_service`` is ``ocr-service``."""

from ocr_service.cli import main

if __name__ == "__main__":
    main()
