# Each target makes its own environment first; Python, make and a C++ compiler are all that must be there.
#   make PYTHON=python3.12 test     another interpreter (remove .venv first, or name another folder: VENV=build/venv312)
# pip's own variables (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL) reach it: README.md has the small build of PyTorch.
PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
OUT ?= demo-output

PY := $(VENV)/bin/python
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.bench-ready
DOCS_READY := $(VENV)/.docs-ready
CODE := src tests benchmarks examples $(wildcard docs/*.py)
INSTALL := $(PY) -m pip install --disable-pip-version-check --quiet -c constraints.txt

export MPLBACKEND = Agg

.PHONY: help setup demo test lint types unit format docs pictures dist sanitize wheel-check bench-hello bench-paper bench-speed bench-discovery clean
.DELETE_ON_ERROR:

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## make the environment in .venv

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "edgewise needs Python 3.10 or newer; run: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(READY): pyproject.toml constraints.txt CMakeLists.txt $(wildcard native/*.?pp) src/edgewise/_version.py | $(PY)
	$(INSTALL) -e '.[dev,sklearn]'
	touch $@

$(BENCH_READY): $(READY)
	$(INSTALL) -e '.[bench]'
	touch $@

# The extra alone: to install the package again would compile it again.
EXTRA = $(PY) -c 'from importlib.metadata import requires; \
	print(*(line.partition(";")[0] for line in requires("edgewise") if line.endswith("$(1)\"")), sep="\n")'

$(DOCS_READY): $(READY)
	$(call EXTRA,docs) | $(INSTALL) -r /dev/stdin
	touch $@

demo: $(READY) ## from data to formulas; pictures go to demo-output/
	$(PY) examples/run_all.py --out $(OUT)

test: lint types unit ## everything that is checked

lint: $(READY) ## rules and format of the code
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)

types: $(READY) ## types
	$(PY) -m mypy

unit: $(READY) ## tests, and every example in docstrings, README.md and docs/
	OMP_NUM_THREADS=1 $(PY) -m pytest -q -n $(JOBS)

format: $(READY) ## put the code in its format
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)

docs: $(DOCS_READY) ## the documentation, into build/docs; a warning is an error
	$(PY) -m sphinx -E -W --keep-going -q -b html docs build/docs
	@echo "open build/docs/index.html"

pictures: $(DOCS_READY) ## draw the pictures of the documentation anew
	$(PY) docs/make_pictures.py

dist: $(READY) ## sdist and a wheel for this platform, into dist/; what they hold is checked against git
	rm -rf dist
	$(INSTALL) build twine
	$(PY) -m build --outdir dist
	$(PY) -m twine check --strict dist/*
	$(PY) tests/listing.py dist/*

# An environment on top of the other, which has all but the package itself.
SANITIZED := build/sanitize
# Those that run compiled code; the others of their folders are Python under slow instruments.
COMPILED_TESTS := $(addprefix tests/edges/test_,native.py autograd.py bases.py covariance.py custom_ops.py dispatch.py) \
    tests/network/execution tests/network/least_squares tests/network/test_threads.py tests/train/step/test_fused.py \
    tests/train/objective/test_fused_residuals.py tests/discovery/test_compiled_fits.py

sanitize: $(READY) ## tests of the compiled part under the address and undefined-behaviour sanitizers
	$(PYTHON) -m venv --clear $(SANITIZED)
	$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $$(echo $(SANITIZED)/lib/python*/site-packages)/rest.pth
	$(SANITIZED)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps . \
	    -C cmake.define.EDGEWISE_SANITIZE=ON -C cmake.define.EDGEWISE_STRICT=ON
	LD_PRELOAD="$$($${CXX:-g++} -print-file-name=libasan.so) $$($${CXX:-g++} -print-file-name=libstdc++.so)" \
	    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=2 \
	    $(SANITIZED)/bin/python -m pytest -q -p no:cacheprovider $(COMPILED_TESTS)

# From what is committed, into a new environment, run where no compiler can be found.
WHEEL := build/wheel

wheel-check: $(PY) ## a wheel of the last commit, built with warnings as errors, tested without a compiler
	rm -rf $(WHEEL)
	mkdir -p $(WHEEL)/source
	git archive HEAD | tar -x -C $(WHEEL)/source
	$(PY) -m pip wheel --disable-pip-version-check --quiet --no-deps -w $(WHEEL) -C cmake.define.EDGEWISE_STRICT=ON $(WHEEL)/source
	$(PY) tests/listing.py $(WHEEL)/*.whl
	$(PYTHON) -m venv $(WHEEL)/venv
	$(WHEEL)/venv/bin/python -m pip install --disable-pip-version-check --quiet -c constraints.txt $(WHEEL)/*.whl pytest hypothesis scipy
	cd $(WHEEL)/source && rm -r src && PATH="$(CURDIR)/$(WHEEL)/venv/bin" HOME=/nowhere OMP_NUM_THREADS=1 \
	    $(CURDIR)/$(WHEEL)/venv/bin/python -m pytest -q -p no:cacheprovider tests/edges/test_native.py tests/network/execution \
	    tests/train/step/test_fused.py

bench-hello: $(BENCH_READY) ## the six-step story over 20 seeds, beside pykan
	OMP_NUM_THREADS=1 $(PY) benchmarks/hello.py

bench-speed: $(BENCH_READY) ## times and memory beside MLPs and other KANs, into docs/speed.md
	$(PY) -m benchmarks.speed
	$(PY) -m benchmarks.speed.table

bench-paper: $(BENCH_READY) ## the experiments of the KAN paper, all of them; QUICK=--quick for a short look
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.paper $(QUICK)

bench-discovery: $(BENCH_READY) ## how often the law of 120 equations is found, beside other methods; days, and goes on where it ended
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.discovery --every 3 --methods edgewise operon gplearn pykan --noise 0 0.01
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.discovery --methods edgewise operon gplearn pykan --noise 0 0.01
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.discovery --every 3 --methods edgewise operon --noise 0.001 0.1
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.discovery --every 3 --methods edgewise operon --ranges original
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.discovery --every 3 --methods edgewise operon --seeds 1 2
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.discovery --units --noise 0 0.01
	$(PY) -m benchmarks.discovery --table > docs/discovery_rates.md

clean: ## remove what was made here, the environment too
	rm -rf $(VENV) $(OUT) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +
