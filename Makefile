# Two commands for a newcomer: `make run` and `make test`. Each sets up what it needs first.
#   TORCH=cuda   the CUDA build of PyTorch (several GB on Linux) instead of the CPU build
#   PYTHON=...   the Python to build the environment with (3.10 or newer)

PYTHON ?= python3
TORCH ?= cpu
TORCH_VERSION := 2.13.0
# Where the PyTorch project publishes its CPU builds; used only if none is found among the configured indexes.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SETUP := $(VENV)/.set-up-$(TORCH)
CODER := $(wildcard coder/CMakeLists.txt coder/src/*.?pp coder/src/exact/*.?pp coder/src/integer/*.?pp \
	coder/src/lossless/*.?pp)
# The tests run on as many cores as memory allows (tests/conftest.py); PYTEST_ARGS="-n 0 --pdb" brings them back to one.
PYTEST_ARGS ?=

.PHONY: run test trust lint types format bench-coder bench-codec bench-scale bench-start bench-exact check-exact bench-window bench-waits rd screenshots clean help
.PHONY: wheels lock audit ablations check-rates check-colour check-effort check-look check-window translations dist dist-bundle dist-check dist-sizes dist-twice
.DEFAULT_GOAL := help

help:
	@echo "make run          open the window on a sample picture (without a display: encode and decode it, report)"
	@echo "make test         run all tests"
	@echo "make trust        of these, the quick part of what docs/trust.md and its like say: damage, faults, archive, cluster"
	@echo "make lint types   check style and types"
	@echo "make bench-coder  speed of the entropy coder beside CompressAI and constriction"
	@echo "make rd           rate-distortion curves over the pictures of FOLDER=folder"
	@echo "make bench-window speed of the window: its start, and paints of 100 megapixels"
	@echo "make bench-waits  its longest waits while 100 megapixels are opened, looked at and encoded"
	@echo "make bench-tools  what each tool takes on 24 megapixels, and how soon it stops"
	@echo "make bench-paint  what painted parts gain at equal bytes (PARTS=picture:left,top,width,height)"
	@echo "make bench-codec  whole codecs side by side (ARGS: --avx2, --megapixels 12, --parts, --pauses, --growth)"
	@echo "make bench-scale  pictures a second by one and two workers, on this machine and on Ray"
	@echo "make bench-start  processor time of commands from start to end"
	@echo "make bench-exact  speed of exact arithmetic beside float (Base, two threads)"
	@echo "make bench-integer  speed of the integer operations of profile 2 beside torch's in float32"
	@echo "make check-exact  decode the pictures of KODAK=folder with every engine and compare pixels and latents"
	@echo "make fuzz         fuzz targets from the corpus in tests/fuzz, for MINUTES=10 together (TARGETS: some of them)"
	@echo "make fuzz-many    COUNT=1000000 damaged files against the decoder, and a table"
	@echo "make faults       operations killed, and the disk full, at every call that writes (OPERATIONS: some of them)"
	@echo "make guards       what keeps hostile input off, removed piece by piece: its tests have to fail"
	@echo "make check-windows  the installer's script; the coder's tests and the command under Wine (needs MinGW-w64 and Wine)"
	@echo "make check-image  the container of workers (as root; needs buildah and debootstrap)"
	@echo "make check-rates  the bundled model over all qualities on the pictures of KODAK=folder"
	@echo "make check-colour luma and colour of the bundled model beside AVIF of the same bytes, on KODAK=folder"
	@echo "make check-effort what encoding with more effort saves, on the middle of PICTURES=folder"
	@echo "make check-window pictures of the window's states, to be looked at, in build/window"
	@echo "make check-look   the natural look in figures and as a blind test, on PICTURES=folder"
	@echo "make ablations    entropy models and schedules compared: trains all of them (hours; PICTURES=, VALIDATION=)"
	@echo "make translations collect the window's texts and compile the translations"
	@echo "make screenshots  make the pictures of the documentation again (needs Xvfb)"
	@echo "make dist         build the installers of this system in build/dist, small (no PyTorch) and full"
	@echo "make dist-sizes   what each part of the small one adds to it"
	@echo "make wheels       source archive and wheel, built twice and compared, in build/release"
	@echo "make audit        known vulnerabilities of what the program and its developers need"
	@echo "make check-release  workflows and Dockerfile read by zizmor and hadolint"
	@echo "make check-storage  batches in object storage, by S3's protocol"
	@echo "make lock         the files of hashes in installers/locks again, after a change of versions"
	@echo "make dist-check   install, run and remove them in a clean Debian (as root; needs debootstrap)"
	@echo "TORCH=cuda        as an argument to any of them: PyTorch with CUDA"

run: $(SETUP)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" != Linux ]; then \
		$(BIN)/python installers/linux/qt_libraries.py && $(BIN)/hpcm-studio --sample; \
	else \
		echo "No display: encoding and decoding the sample picture instead of opening the window."; \
		$(BIN)/hpcm demo --output build/demo; \
	fi

test: $(SETUP)
	$(BIN)/python installers/linux/qt_libraries.py
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

# What takes longer of the same tables has targets of its own: fuzz, fuzz-many, faults, wheels, audit, bench-scale.
trust: $(SETUP)
	$(BIN)/python installers/linux/qt_libraries.py
	$(BIN)/python -m pytest -n auto --dist worksteal -m trust $(PYTEST_ARGS) $$(grep -rl --include='*.py' 'pytest[.]mark[.]trust' tests | sort)

lint: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(SETUP)
	$(BIN)/mypy

format: $(SETUP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-coder: $(SETUP)
	$(PIP) install --quiet --no-deps compressai constriction
	$(BIN)/python tests/bench/bench_coder.py

bench-window: $(SETUP)
	$(BIN)/python installers/linux/qt_libraries.py
	$(BIN)/python tests/bench/bench_window.py

# ARGS: for instance '--megapixels 24 --seconds 60 --tools'.
bench-waits: $(SETUP)
	$(BIN)/python installers/linux/qt_libraries.py
	$(BIN)/python -m tests.bench.bench_waits $(ARGS)

# ARGS: for instance '--pictures folder --weights formula --only duel'.
.PHONY: bench-tools bench-paint
bench-tools: $(SETUP)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.bench_tools $(ARGS)

# PARTS: pictures and what is painted in each, for instance 'photo.png:320,128,384,384'.
bench-paint: $(SETUP)
	$(BIN)/python -m tests.bench.bench_paint $(PARTS)

# Processes of this machine and a Ray cluster of two nodes on it. ARGS: for instance '--pictures 48 --rounds 5'.
bench-scale: $(SETUP)
	$(BIN)/python -m tests.bench.bench_scale $(ARGS)

# ARGS: for instance '--megapixels 12 --avx2'.
bench-codec: $(SETUP)
	$(BIN)/python -m tests.bench.bench_codec $(ARGS)

bench-start: $(SETUP)
	$(BIN)/python -m tests.bench.bench_start

bench-exact: $(SETUP)
	$(BIN)/python -m tests.bench.bench_exact

bench-integer: $(SETUP)
	$(BIN)/python -m tests.bench.bench_integer

# The native targets need Clang, which is left to the system; without it they are left out, and that is said.
MINUTES ?= 10
.PHONY: fuzz fuzz-many
fuzz: $(SETUP)
	-@$(PIP) install --quiet --no-deps atheris
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz.run --minutes $(MINUTES) $(TARGETS)

# COUNT damaged files against the decoder in one process, and a table of what came of them.
COUNT ?= 1000000
fuzz-many: $(SETUP)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz.many --count $(COUNT) --seed 20

# Operations that are killed, refused room and met by others at every call that writes. OPERATIONS: some of them.
.PHONY: faults guards
faults: $(SETUP)
	$(BIN)/python -m tests.faults.run $(OPERATIONS)

# What keeps hostile input off, taken out of a copy piece by piece: each time a test has to fail.
guards: $(SETUP)
	$(BIN)/python -m tests.guards

# KODAK: a folder of PNG pictures; without it the bundled samples.
check-exact: $(SETUP)
	$(BIN)/python -m tests.bench.check_pixels $(or $(KODAK),resources/samples)
	$(BIN)/python -m tests.bench.check_exact $(or $(KODAK),resources/samples)

# KODAK: as above; without it the bundled samples.
check-rates: $(SETUP)
	$(BIN)/python -m tests.bench.check_rates $(or $(KODAK),resources/samples) --jobs 2

check-colour: $(SETUP)
	$(BIN)/python -m tests.bench.check_colour $(or $(KODAK),resources/samples) --jobs 2

# EFFORT: further options, such as --efforts 1 4.
check-effort: $(SETUP)
	@test -n "$(PICTURES)" || { echo "make check-effort PICTURES=folder"; exit 1; }
	$(BIN)/python -m tests.bench.check_effort $(PICTURES) --jobs 2 $(EFFORT)

# ARGS: such as '--only export,duel --language de --size 1024x700'.
check-window: $(SETUP)
	$(BIN)/python installers/linux/qt_libraries.py
	$(BIN)/python -m tests.bench.check_window $(ARGS)

# LOOK: further options, such as --pairs build/pairs.
check-look: $(SETUP)
	@test -n "$(PICTURES)" || { echo "make check-look PICTURES=folder"; exit 1; }
	$(BIN)/python -m tests.bench.check_look $(PICTURES) $(LOOK)

# PICTURES and VALIDATION: folders to train and to measure on; ABLATIONS: further options, such as --steps 2000.
ablations: $(SETUP)
	@test -n "$(PICTURES)" -a -n "$(VALIDATION)" || { echo "make ablations PICTURES=folder VALIDATION=folder"; exit 1; }
	$(BIN)/python -m tests.bench.ablations $(PICTURES) --validation $(VALIDATION) --document docs/ablations.md $(ABLATIONS)

translations: $(SETUP)
	$(BIN)/python installers/translations.py

# FOLDER: pictures to measure on; without it the bundled samples.
rd: $(SETUP)
	$(BIN)/hpcm rd $(or $(FOLDER),resources/samples) -o build/rd --rates 0.15 0.9

screenshots: $(SETUP)
	$(BIN)/python installers/linux/qt_libraries.py
	$(BIN)/python docs/make_screenshots.py

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: make PYTHON=python3.12"; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || { echo "A C++ compiler is needed, on Debian and Ubuntu: sudo apt-get install g++"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is needed, on Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# On Linux a plain "torch" is the CUDA build: several GB. "+cpu" names the other one and can never be it by mistake.
$(SETUP): $(VENV)/pyvenv.cfg pyproject.toml constraints.txt $(CODER)
ifeq ($(TORCH)-$(shell uname),cpu-Linux)
	@$(PIP) install --quiet "torch==$(TORCH_VERSION)+cpu" 2>/dev/null \
		|| $(PIP) install --quiet --index-url $(TORCH_CPU_INDEX) "torch==$(TORCH_VERSION)+cpu"
else
	$(PIP) install --quiet "torch==$(TORCH_VERSION)"
endif
	$(PIP) install --quiet --constraint constraints.txt --editable ".[test,dev,torch]"
	@rm -f $(VENV)/.set-up-* && touch $@

# The container of workers, built where no registry of images is reached. Needs root, buildah and debootstrap.
.PHONY: check-image
check-image:
	bash installers/container/check.sh

# The coder built by MinGW-w64, its C++ tests run under Wine, then the command on Windows' Python, with each format of
# pictures; says which packages are missing and installs none.
.PHONY: check-windows
check-windows:
	$(PYTHON) installers/windows/check_script.py
	$(PYTHON) installers/windows/check_native.py build/mingw
	$(PYTHON) installers/windows/check_program.py build/mingw

# What this machine can build, in build/dist: on Linux the Debian package, the archive and SHA256SUMS.
# The bundles are made from an environment of its own with the pinned versions, always with the CPU build of PyTorch.
DIST := build/dist
DIST_LEVEL ?= 19
DIST_PYTHON := $(DIST)/venv/bin/python
DIST_PIP := $(DIST_PYTHON) -m pip --disable-pip-version-check

$(DIST)/venv/.set-up: pyproject.toml constraints.txt $(CODER)
	$(PYTHON) -m venv $(DIST)/venv
	@$(DIST_PIP) install --quiet "torch==$(TORCH_VERSION)+cpu" 2>/dev/null \
		|| $(DIST_PIP) install --quiet --index-url $(TORCH_CPU_INDEX) "torch==$(TORCH_VERSION)+cpu"
	$(DIST_PIP) install --quiet --constraint constraints.txt ".[dist,raw,torch]"
	touch $@

dist-bundle: $(DIST)/venv/.set-up
	$(DIST_PIP) install --quiet --no-deps --constraint constraints.txt .
	$(DIST_PYTHON) installers/bundle/build.py $(DIST)
	$(DIST_PYTHON) installers/bundle/build.py $(DIST) --small

dist: dist-bundle
	$(DIST_PYTHON) installers/linux/package.py --level $(DIST_LEVEL) $(DIST)/hpcm-studio $(DIST)
	$(DIST_PYTHON) installers/linux/package.py --level $(DIST_LEVEL) $(DIST)/hpcm-studio-small $(DIST)

# What each part of the small bundle adds to it, compressed.
dist-sizes:
	$(DIST_PYTHON) installers/bundle/sizes.py $(DIST)/hpcm-studio-small

# Proves what `make dist` built, in a clean Debian made for it. Needs root: sudo make dist-check.
dist-check:
	$(DIST_PYTHON) installers/linux/check.py $(DIST)

# Two builds of this commit, and what differs between them.
dist-twice: dist-bundle
	rm -rf $(DIST)/first && mkdir $(DIST)/first && mv $(DIST)/hpcm-studio $(DIST)/hpcm-studio-small $(DIST)/first
	$(MAKE) dist-bundle
	$(DIST_PYTHON) installers/linux/compare.py $(DIST)/first/hpcm-studio $(DIST)/hpcm-studio
	$(DIST_PYTHON) installers/linux/compare.py $(DIST)/first/hpcm-studio-small $(DIST)/hpcm-studio-small

# Tools of a release, by their hashes, in an environment of their own.
RELEASE := build/release-tools
LOCKS := installers/locks

$(RELEASE)/.set-up: $(LOCKS)/release.txt
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	touch $@

wheels: $(RELEASE)/.set-up
	rm -rf build/release
	$(RELEASE)/bin/python installers/wheels.py build/release --twice

# ADVISORIES: a copy of github.com/pypa/advisory-database, where the index cannot be asked.
ifdef ADVISORIES
audit: $(SETUP)
	$(BIN)/python installers/audit.py $(ADVISORIES) $(LOCKS)/*.txt
else
audit: $(RELEASE)/.set-up
	$(RELEASE)/bin/pip-audit --strict --require-hashes --disable-pip -r $(LOCKS)/program.txt
	$(RELEASE)/bin/pip-audit --strict --require-hashes --disable-pip -r $(LOCKS)/developers.txt
	$(RELEASE)/bin/pip-audit --strict --require-hashes --disable-pip -r $(LOCKS)/release.txt
	$(RELEASE)/bin/pip-audit --strict --require-hashes --disable-pip -r $(LOCKS)/worker.txt
	$(RELEASE)/bin/pip-audit --strict --require-hashes --disable-pip -r $(LOCKS)/cuda.txt
endif

# torch is left out of all but cuda.txt: its builds for processors alone come from an index of its own, and the program
# needs none.
LOCK := uv --no-config --quiet pip compile --universal --generate-hashes --no-annotate --no-emit-index-url
lock: $(RELEASE)/.set-up
	grep -v '^torch==' constraints.txt > build/pinned.in
	set -e; PATH="$(RELEASE)/bin:$$PATH"; export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
		$(LOCK) --python-version 3.10 pyproject.toml --constraints constraints.txt --output-file $(LOCKS)/program.txt; \
		$(LOCK) --python-version 3.10 $(LOCKS)/build.in --constraints constraints.txt --output-file $(LOCKS)/build.txt; \
		$(LOCK) --python-version 3.10 --no-deps build/pinned.in --output-file $(LOCKS)/developers.txt; \
		$(LOCK) --python-version 3.12 $(LOCKS)/release.in --output-file $(LOCKS)/release.txt; \
		$(LOCK) --python-version 3.11 $(LOCKS)/checks.in --output-file $(LOCKS)/checks.txt; \
		$(LOCK) --python-version 3.11 --extra cluster pyproject.toml $(LOCKS)/worker.in --constraints constraints.txt \
			--output-file $(LOCKS)/worker.txt; \
		$(LOCK) --python-version 3.11 $(LOCKS)/cuda.in --constraints constraints.txt --output-file $(LOCKS)/cuda.txt

# Workflows and Dockerfile, as far as they can be judged where they do not run.
CHECKS := build/check-tools
$(CHECKS)/.set-up: $(LOCKS)/checks.txt
	$(PYTHON) -m venv $(CHECKS)
	$(CHECKS)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	touch $@

.PHONY: check-release
check-release: $(CHECKS)/.set-up
	$(CHECKS)/bin/zizmor --offline --quiet .github/workflows
	$(CHECKS)/bin/hadolint installers/container/Dockerfile

# Batches in object storage, by a server of S3's kind on this machine.
.PHONY: check-storage
check-storage: $(SETUP) $(CHECKS)/.set-up
	PYTHONPATH=$$(echo $(CHECKS)/lib/python3.*/site-packages) $(BIN)/python -m pytest -n 0 tests/hpcm_core/test_object_storage.py

clean:
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
