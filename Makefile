# make demo   try it in the browser, no token needed
# make test   lint, types and the whole suite

PYTHON ?= python3
PY := .venv/bin/python
LOCK := requirements-dev.lock

.PHONY: demo test setup lint types suite eval i18n gallery model bench reliability audit chromium lock clean

demo: setup
	$(PY) -m bot sandbox

test: setup chromium lint types suite

setup: .venv/ready
	@$(PY) -m bot i18n compile
	@$(PY) -m compileall -q bot db

.venv/ready: $(LOCK)
	@echo "Creating .venv and installing what Sampan needs (a minute or two)..."
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r $(LOCK)
	@touch $@

lint:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types:
	$(PY) -m mypy

suite:
	$(PY) -m bot check
	$(PY) -m pytest -n 2 --dist loadfile

chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests..."; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-noto-cjk >/dev/null; \
	  else echo "Chromium is not installed: the browser tests will be skipped"; fi; } || true

eval: setup
	$(PY) -m tests.eval.report

model: setup
	$(PY) -m bot understanding build

i18n: setup
	$(PY) -m bot i18n update
	$(PY) -m bot i18n compile
	$(PY) -m bot i18n report

gallery: setup
	$(PY) -m bot i18n gallery docs/gallery.html

bench: setup
	$(PY) -m pip install --disable-pip-version-check -q --require-hashes -r requirements-bench.lock
	@mkdir -p build
	$(PY) -m bot bench all --save build/bench.json

reliability: setup
	SAMPAN_LONG_TESTS=1 $(PY) -m pytest -n 0 tests/broadcasts/test_kill.py tests/broadcasts/test_outages.py tests/telegram/test_broadcast_restarts.py tests/bench

audit: setup
	$(PY) -m tests.audit

lock:
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra dev pyproject.toml -o requirements-dev.lock
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra dev --extra bench pyproject.toml -o requirements-bench.lock

clean:
	rm -rf .venv build data
