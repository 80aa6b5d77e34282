# Everything is built below build/; "make help" lists the targets.
#
# NGINX_BINARY=...  the nginx to test with (default: the one of Debian)
# NGINX_SRC=...     build against this configured source tree of nginx instead
#                   of the package nginx-dev; give NGINX_BINARY with it
# TESTS=...         run these test files only
# CONSENT_BROWSER=full  all saved pages in Chromium, not a sample of them
# BENCH=...         options of t/bench/run
# T=...             seconds that "make fuzz" gives to each target
# MATRIX=...        the Debian releases of "make matrix"
# SEED=, SECONDS=   the seed and the length of "make stress"
# HAR=, CONF=       the recording and the policy of "make replay", with
#                   REPLAY='OPTION ...' for more (docs/replay.md)
# SANITIZE=...      the Debian releases whose nginx "make sanitize" builds

SHELL        := /bin/bash
.SHELLFLAGS  := -e -o pipefail -c
.DEFAULT_GOAL := all

NGINX_BINARY ?= /usr/sbin/nginx
NGINX_SRC    ?=
JOBS         ?= $(shell nproc)
PREFIX_CONF  ?= /etc/nginx

export NGINX_BINARY NGINX_SRC

SRC     := ngx_consent_module
CORE    := $(SRC)/core
MODULE  := build/ngx_http_consent_module.so
LIBRARY := build/libconsent-core.a


# files are found by name, so that a new one needs no change here

GLUE_FILES := $(wildcard $(SRC)/*.c $(SRC)/*.h)
CORE_FILES := $(wildcard $(CORE)/*.c $(CORE)/*.h)
TEMPLATES  := $(wildcard conf/templates/*) $(SRC)/tools/embed.awk
CORE_NAMES := $(basename $(notdir $(wildcard $(CORE)/*.c)))
UNIT_NAMES := $(basename $(notdir $(wildcard t/core/test_*.c)))
TOOL_NAMES := $(notdir $(patsubst %/,%,$(wildcard $(SRC)/tools/*/)))
BENCH_NAMES := $(basename $(notdir $(wildcard t/bench/*.c)))

# t/fuzz/FAMILY/NAME.c makes FAMILY_NAME

FUZZ_NAMES := $(subst /,_,$(patsubst t/fuzz/%.c,%,$(wildcard t/fuzz/*/*.c)))
FUZZ_PARTS := t/fuzz/runner.c $(wildcard t/fuzz/*.h t/core/*.h)

CORE_OBJS  := $(CORE_NAMES:%=build/core/%.o)
UNIT_TESTS := $(UNIT_NAMES:%=build/t/%)
TOOLS      := $(addprefix build/,$(subst _,-,$(TOOL_NAMES)))
BENCHES    := $(BENCH_NAMES:%=build/bench/%)
DRIVER     := build/t/rewrite_driver

ASAN_OBJS  := $(CORE_NAMES:%=build/asan/core/%.o)
ASAN_TESTS := $(UNIT_NAMES:%=build/asan/t/%)

# with libFuzzer, and as short tests without it

FUZZ_OBJS  := $(CORE_NAMES:%=build/fuzz/core/%.o)
FUZZERS    := $(FUZZ_NAMES:%=build/fuzz/%)
FUZZ_TESTS := $(FUZZ_NAMES:%=build/t/fuzz_%)
FUZZ_ASAN  := $(FUZZ_NAMES:%=build/asan/t/fuzz_%)

TESTS      ?= $(UNIT_TESTS) $(FUZZ_TESTS) $(sort $(wildcard t/*.t))
T          ?= 60


# nginx brings -W -Wall -Werror of its own.  Its headers and macros do not
# allow the rest of what the core is compiled with: ngx_string() and the
# messages that directives return make plain pointers of string literals.

WARNINGS := -W -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes \
            -Wmissing-prototypes -Wcast-qual -Werror

# nginx says the last one too, but clang forgets it at the next -Wextra

MODULE_WARNINGS := $(WARNINGS) -Wno-unused-parameter

TEST_WARNINGS := $(WARNINGS) -Wwrite-strings
CORE_WARNINGS := $(TEST_WARNINGS) -pedantic -Wconversion -Wsign-conversion \
                 -Wundef -Wswitch-enum

# libraries that may be missing, found as "config" finds them for the module:
# HEADER, FUNCTION, FLAG of the library

found = $(shell echo 'int main(void) { (void) $(2); return 0; }' \
            | $(CC) -include $(1) -x c -o /dev/null - $(3) 2>&1 \
            || echo missing)

ifeq ($(call found,brotli/decode.h,BrotliDecoderVersion(),-lbrotlidec),)
CODINGS     += -DCONSENT_BROTLI
CODING_LIBS += -lbrotlidec
endif

ifeq ($(call found,zstd.h,ZSTD_versionNumber(),-lzstd),)
CODINGS     += -DCONSENT_ZSTD
CODING_LIBS += -lzstd
endif

CFLAGS      ?= -O2 -g
CORE_CFLAGS := -std=c11 $(CORE_WARNINGS) $(CODINGS) -I$(CORE)
TEST_CFLAGS := -std=c11 -D_GNU_SOURCE $(TEST_WARNINGS) $(CODINGS) \
               -I$(CORE) -It/core
FUZZ_INCS   := -It/fuzz
LIBS        := -lpsl -lidn2 -lpcre2-8 -lcrypto -lz -lyajl \
               $(CODING_LIBS)

ASAN_CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
               -fno-sanitize-recover=undefined
FUZZ_CC     ?= clang
FUZZ_CFLAGS := -O1 -g -fno-omit-frame-pointer \
               -fsanitize=fuzzer-no-link,address,undefined \
               -fno-sanitize-recover=undefined

DEPFILES    = -MMD -MP -MF $(@D)/.$(@F).d


.PHONY: all help deps deps-build deps-test deps-browser deps-lint deps-fuzz \
        test demo lint asan bench catalogue fuzz stress replay matrix sanitize \
        install clean FORCE

all: $(MODULE) $(LIBRARY) $(UNIT_TESTS) $(FUZZ_TESTS) $(DRIVER) $(TOOLS)  ## build the module, the core library, unit tests and tools


help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' \
	    $(firstword $(MAKEFILE_LIST))


# dependencies

deps: deps-build deps-test deps-lint  ## install all Debian packages needed (root or sudo)

deps-build:  ## install what building and "make demo" need
	@.ci/deps build

deps-test:  ## install what "make test" needs
	@.ci/deps build test

deps-browser:  ## install Chromium and the npm packages of t/browser*.t
	@.ci/deps build test browser
	@$(MAKE) --no-print-directory build/node/installed

deps-lint:  ## install what "make lint" needs
	@.ci/deps build lint

deps-fuzz:  ## install what "make fuzz" needs
	@.ci/deps build fuzz


# the module

# changes when a file is added or removed, or when nginx itself changes

build/inputs: FORCE
	@mkdir -p build
	@{ printf '%s\n' $(GLUE_FILES) $(CORE_FILES) "$$NGINX_SRC" "$(MODULE_WARNINGS)"; \
	   if [ -n "$$NGINX_SRC" ]; then \
	       cksum "$$NGINX_SRC/objs/ngx_auto_config.h"; \
	   else \
	       dpkg-query -W nginx-dev libssl-dev libpcre2-dev \
	           libbrotli-dev libzstd-dev libyajl-dev; \
	   fi } >$@.new 2>&1 || true
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

build/nginx/objs/Makefile: build/inputs config config.make .ci/configure
	@echo "configuring nginx in build/nginx"
	@.ci/configure build/nginx $(MODULE_WARNINGS)

$(MODULE): build/nginx/objs/Makefile $(GLUE_FILES) $(CORE_FILES) $(TEMPLATES)
	@echo "building $@"
	@$(MAKE) -s --no-print-directory -C build/nginx -f objs/Makefile modules \
	    >build/nginx/make.log 2>&1 \
	    || { cat build/nginx/make.log; exit 1; }
	@cp build/nginx/objs/$(@F) $@.new && mv $@.new $@


# the core, its unit tests, tools and benchmarks

build/core/%.o: $(CORE)/%.c | build/core
	@echo "cc $@"
	@$(CC) $(CFLAGS) $(CORE_CFLAGS) $(DEPFILES) -c -o $@ $<

$(LIBRARY): $(CORE_OBJS)
	@rm -f $@
	@echo "ar $@"
	@$(AR) rcs $@ $^

build/t/%: t/core/%.c $(LIBRARY) | build/t
	@echo "cc $@"
	@$(CC) $(CFLAGS) $(TEST_CFLAGS) $(DEPFILES) -o $@ $< $(LIBRARY) $(LIBS)

.SECONDEXPANSION:

$(FUZZ_TESTS): build/t/fuzz_%: t/fuzz/$$(subst _,/,$$*).c $(FUZZ_PARTS) \
               $(LIBRARY) | build/t
	@echo "cc $@"
	@$(CC) $(CFLAGS) $(TEST_CFLAGS) $(FUZZ_INCS) -o $@ $(filter %.c,$^) \
	    $(LIBRARY) $(LIBS)

# a folder each

$(TOOLS): build/%: $$(wildcard $(SRC)/tools/$$(subst -,_,$$*)/*) $(LIBRARY)
	@echo "cc $@"
	@$(CC) $(CFLAGS) $(TEST_CFLAGS) -o $@ $(filter %.c,$^) $(LIBRARY) $(LIBS)

build/bench/%: t/bench/%.c $(LIBRARY) | build/bench
	@echo "cc $@"
	@$(CC) $(CFLAGS) $(TEST_CFLAGS) $(DEPFILES) -o $@ $< $(LIBRARY) $(LIBS)

build/asan/core/%.o: $(CORE)/%.c | build/asan/core
	@echo "cc $@"
	@$(CC) $(ASAN_CFLAGS) $(CORE_CFLAGS) $(DEPFILES) -c -o $@ $<

build/asan/t/%: t/core/%.c $(ASAN_OBJS) | build/asan/t
	@echo "cc $@"
	@$(CC) $(ASAN_CFLAGS) $(TEST_CFLAGS) $(DEPFILES) -o $@ $< $(ASAN_OBJS) $(LIBS)

$(FUZZ_ASAN): build/asan/t/fuzz_%: t/fuzz/$$(subst _,/,$$*).c $(FUZZ_PARTS) \
              $(ASAN_OBJS) | build/asan/t
	@echo "cc $@"
	@$(CC) $(ASAN_CFLAGS) $(TEST_CFLAGS) $(FUZZ_INCS) -o $@ \
	    $(filter %.c,$^) $(ASAN_OBJS) $(LIBS)

build/fuzz/core/%.o: $(CORE)/%.c | build/fuzz/core
	@echo "cc $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) $(CORE_CFLAGS) $(DEPFILES) -c -o $@ $<

$(FUZZERS): build/fuzz/%: t/fuzz/$$(subst _,/,$$*).c $(FUZZ_PARTS) \
            $(FUZZ_OBJS)
	@echo "cc $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(TEST_CFLAGS) \
	    $(FUZZ_INCS) -o $@ $< $(FUZZ_OBJS) $(LIBS)

build/core build/t build/bench build/asan/core build/asan/t build/fuzz/core:
	@mkdir -p $@


# npm packages of the tests: never part of the repository

build/node/installed: t/package.json
	@echo "installing npm packages of the tests into build/node"
	@mkdir -p build/node
	@cp t/package.json build/node/package.json
	@npm install --prefix build/node --no-save --no-package-lock \
	    --ignore-scripts --no-audit --no-fund --silent \
	    || { echo "npm install failed" >&2; exit 1; }
	@touch $@


# the catalogue is a part of the repository: this makes it again, of packages
# that are never part of it

build/catalogue/fetched: tools/catalogue/fetch.mjs tools/catalogue/sources.mjs
	@echo "fetching npm packages of the catalogue into build/catalogue"
	@mkdir -p $(@D)
	@node $< $(@D) || { echo "npm pack failed" >&2; exit 1; }
	@touch $@

catalogue: build/catalogue/fetched  ## make conf/catalogue of its sources, print counts and conflicts
	@node tools/catalogue/generate.mjs $(<D) \
	    conf/catalogue/overrides.conf conf/catalogue


# tests

PROVE := TEST_NGINX_BINARY=$(NGINX_BINARY) TEST_NGINX_MODULE=$(CURDIR)/$(MODULE) \
         NODE_PATH=$(CURDIR)/build/node/node_modules prove -j$(JOBS) -It/lib

test: deps-test  ## build and run all tests
	@$(MAKE) --no-print-directory -j$(JOBS) all build/node/installed \
	    build/catalogue/fetched
	@$(PROVE) $(TESTS)

asan: deps-test  ## run the unit tests of the core with ASAN and UBSAN
	@$(MAKE) --no-print-directory -j$(JOBS) $(ASAN_TESTS) $(FUZZ_ASAN)
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
	    prove -j$(JOBS) $(ASAN_TESTS) $(FUZZ_ASAN)

# artefacts are named build/fuzz/TARGET-...; what was learnt is kept there

fuzz: deps-fuzz  ## fuzz all targets in turn with libFuzzer, T=60 seconds each
	@$(MAKE) --no-print-directory -j$(JOBS) $(FUZZERS)
	@t/fuzz/run $(T) $(FUZZERS)

stress: deps-test  ## t/stress.t for longer (SEED=1 SECONDS=300)
	@$(MAKE) --no-print-directory -j$(JOBS) $(MODULE)
	@CONSENT_SEED=$(or $(SEED),1) CONSENT_STRESS_SECONDS=$(or $(SECONDS),300) \
	    $(PROVE) --verbose t/stress.t

replay: deps-test  ## replay a recording in all consent states and judge it (HAR=... CONF=...)
	@$(MAKE) --no-print-directory -s -j$(JOBS) $(MODULE) build/node/installed
	@TEST_NGINX_BINARY=$(NGINX_BINARY) TEST_NGINX_MODULE=$(CURDIR)/$(MODULE) \
	    t/replay/main.mjs $(if $(HAR),--har $(HAR)) $(if $(CONF),--conf $(CONF)) $(REPLAY)

# TESTS only if it was given: elsewhere there are other files below build/

matrix: deps-test build/node/installed build/catalogue/fetched  ## run all tests in Debian 13 and testing (MATRIX='trixie forky')
	@TESTS='$(if $(filter command environment,$(origin TESTS)),$(TESTS))' \
	    t/matrix/run $(MATRIX)

sanitize: deps-test deps-fuzz  ## run t/*.t with an nginx built with ASAN and UBSAN (SANITIZE=bookworm)
	@$(MAKE) --no-print-directory -j$(JOBS) all build/node/installed \
	    build/catalogue/fetched
	@TESTS='$(if $(filter command environment,$(origin TESTS)),$(TESTS))' \
	    t/matrix/sanitize $(SANITIZE)

bench: deps-test  ## build and run the benchmarks (BENCH='OPTION ...')
	@$(MAKE) --no-print-directory -j$(JOBS) $(MODULE) $(TOOLS) $(BENCHES) \
	    build/node/installed
	@t/bench/run $(BENCH)

lint: deps-lint  ## check style, include rules, clang-tidy and cppcheck
	@t/lint/style $(CURDIR)
	@t/lint/includes $(CORE)
	@$(MAKE) --no-print-directory build/nginx/objs/Makefile
	@t/lint/analyse build/nginx

demo: deps-build  ## serve a demonstration on 127.0.0.1:8080 (PORT=..., ONESHOT=1)
	@$(MAKE) --no-print-directory -j$(JOBS) $(MODULE) $(TOOLS)
	@PORT=$(or $(PORT),8080) ONESHOT=$(ONESHOT) conf/demo/run.sh


# the directory is that of the nginx to install for, unless MODULES_DIR is set

MODULES_DIR ?= $(shell $(NGINX_BINARY) -V 2>&1 \
                   | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')

install: $(MODULE)  ## install the module and its configuration (DESTDIR=...)
	@if [ -z "$(MODULES_DIR)" ]; then \
	    echo "install: nginx has no modules path, give MODULES_DIR=..." >&2; \
	    exit 1; \
	fi
	install -d $(DESTDIR)$(MODULES_DIR) $(DESTDIR)$(PREFIX_CONF)/consent
	install -m 644 $(MODULE) $(DESTDIR)$(MODULES_DIR)/
	cd conf && find . -type f ! -path './demo/*' ! -name '*.key' \
	    -exec install -D -m 644 {} $(abspath $(DESTDIR)$(PREFIX_CONF))/consent/{} \;
	@echo "now add to the top of $(PREFIX_CONF)/nginx.conf:"
	@echo "    load_module $(MODULES_DIR)/$(notdir $(MODULE));"

clean:  ## remove build/
	rm -rf build


-include $(wildcard build/core/.*.d build/t/.*.d build/bench/.*.d \
                    build/asan/core/.*.d build/asan/t/.*.d \
                    build/fuzz/core/.*.d)
