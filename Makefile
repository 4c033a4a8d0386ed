# Each target is thin: it sets up and calls one tool. `make serve` and `make test` need nothing before.
.PHONY: serve easyocr test check stubs pins bench fuzz soak

BIN := .venv/bin
BUF := .build/npm/node_modules/.bin/buf
GRPCURL := .build/bin/grpcurl

serve:
	@scripts/setup.sh serve
	@exec $(BIN)/ocr-service serve --first-key --gateway

easyocr:
	@scripts/setup.sh easyocr

test: tools
	$(BIN)/pytest $(ARGS)

check: tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@scripts/buf.sh $(BUF)

stubs: tools
	$(BIN)/python -m protos.generate

pins: tools
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --group build -o requirements/serve.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --group build --extra easyocr -c requirements/serve.txt -o requirements/easyocr.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --group build --group test --group check --group bench -o requirements/dev.txt

bench: tools
	$(BIN)/python benchmarks/accuracy.py $(ARGS)
	$(BIN)/python benchmarks/throughput.py $(ARGS)
	$(BIN)/python benchmarks/report.py $(ARGS)

SECONDS ?= 60
fuzz: tools
	for target in decode find_entities batch gateway; do $(BIN)/python -m tests.fuzz $$target --seconds $(SECONDS) $(ARGS) || exit; done

# Every fault of docs/faults.md, then half an hour at capacity: make soak MINUTES=5
MINUTES ?= 30
soak: tools
	$(BIN)/pytest tests/faults
	$(BIN)/python benchmarks/soak.py --minutes $(MINUTES) $(ARGS)

.PHONY: tools
tools:
	@scripts/setup.sh dev
	@scripts/tools.sh $(GRPCURL) $(BUF)
