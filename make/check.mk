# Everything that judges: tests, checks of the sources, sanitizers, fuzzing, coverage, linters.

.PHONY: check check-unit check-threads check-built check-asan check-tsan check-valgrind check-long tests bench fuzz fuzz-here \
    coverage abi abi-update docs format format-check lint lint-tidy lint-cppcheck

# What the tests read: the seed of whatever is random, and how much to do in percent of the usual.
export BC_TEST_SEED ?= 1
export BC_TEST_SCALE ?= 100
export BC_BUILD := $(BUILD)
export CC CXX PYTHON

# Seconds that one suite may take, how many unit tests run at a time, and what they run under.
TEST_TIMEOUT ?= 600
TEST_JOBS ?= 2
TEST_WRAPPER ?=
run_tests = $(PYTHON) tools/run-tests.py --timeout $(TEST_TIMEOUT) --jobs $(TEST_JOBS) --log $(BUILD)/check.tsv

test_sources := $(sort $(shell find test -name 'test_*.c' ! -path 'test/support/*' 2>/dev/null))
test_programs := $(test_sources:test/%.c=$(BUILD)/test/%)
# Scripts that drive the built programs run one after another: some measure time, some take ports.
test_scripts := $(sort $(wildcard test/*/run_*.sh test/*/run_*.py))
support_sources := $(sort $(wildcard test/support/*.c))
# Any other C file of a test folder is a program that a script drives: build/test/FOLDER/NAME.
driven_sources := $(filter-out $(test_sources) $(foreach d,support bench fuzz abi,test/$d/%),$(wildcard test/*/*.c))
driven_programs := $(driven_sources:test/%.c=$(BUILD)/test/%)

support_library := $(if $(support_sources),$(BUILD)/test/support.a)

$(BUILD)/obj/support.list: list = $(support_sources)
$(BUILD)/test/support.a: $(call objects,$(support_sources)) $(BUILD)/obj/support.list
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $(call objects,$(support_sources))

$(test_programs) $(driven_programs): $(BUILD)/test/%: $(BUILD)/obj/test/%.o $(support_library) \
    $(static_libraries) $(BUILD)/obj/link-flags
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $(cmocka_libs)

tests: $(test_programs) $(driven_programs)

# NAME: COMMAND for checks of the sources and of what was built.
source_checks := \
    'layers: $(PYTHON) tools/check-layers.py' \
    'sizes: $(PYTHON) tools/check-sizes.py' \
    'docs: $(PYTHON) tools/check-docs.py --build $(BUILD)' \
    'headers: sh tools/check-headers.sh'
built_checks := \
    'symbols: $(PYTHON) tools/check-symbols.py --build $(BUILD)' \
    $(if $(wildcard examples/minimal.c),'install: MAKE=$(MAKE) sh tools/check-install.sh $(BUILD)')

check: all tests
	@$(run_tests) $(source_checks) $(test_programs) --serial $(built_checks) $(test_scripts)

check-unit: tests
	@$(run_tests) --wrap '$(TEST_WRAPPER)' $(test_programs)

# Unit tests and scripts, without the checks that do not depend on how the code was compiled.
check-built: all tests
	@$(run_tests) --wrap '$(TEST_WRAPPER)' $(test_programs) --serial $(filter-out test/tools/%,$(test_scripts))

check-asan:
	@ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1 \
	    $(MAKE) --no-print-directory check-built BUILD=build/asan SANITIZE=address,undefined

# One thread alone cannot race: the suites that make threads, or let the library make some.
threaded_programs := $(patsubst test/%.c,$(BUILD)/test/%,$(sort $(wildcard test/adapters/test_http_*.c) \
    $(shell grep -lE 'pthread_create|threads' $(test_sources))))
check-threads: $(threaded_programs)
	@$(run_tests) --wrap '$(TEST_WRAPPER)' $(threaded_programs)

check-tsan:
	@$(MAKE) --no-print-directory check-threads BUILD=build/tsan SANITIZE=thread

check-valgrind:
	@$(MAKE) --no-print-directory check-unit \
	    TEST_WRAPPER='valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible'

check-long:
	@$(MAKE) --no-print-directory check BC_TEST_SCALE=1000 TEST_TIMEOUT=7200

# test/bench/NAME.c becomes build/bin/bench_NAME.
bench_program_of = $(BUILD)/bin/bench_$(patsubst bench_%,%,$(basename $(notdir $1)))
bench_programs := $(foreach s,$(wildcard test/bench/*.c),$(call bench_program_of,$s))
define bench_program
$(call bench_program_of,$1): $(call objects,$1) $(support_library) \
    $(static_libraries) $(BUILD)/obj/link-flags
	@mkdir -p $$(@D)
	$$(call say,LINK)$$(link)
endef
$(foreach s,$(wildcard test/bench/*.c),$(eval $(call bench_program,$s)))

bench: all $(bench_programs)
	$(PYTHON) test/bench/run.py

# libFuzzer is clang's. Each program runs FUZZ_SECONDS, keeps what it finds in build/fuzz/corpus and
# starts from test/fuzz/corpus/NAME where that is.
FUZZ_SECONDS ?= 60
fuzz_names := $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/*.c))
FUZZ_CC ?= clang
fuzz:
	@$(MAKE) --no-print-directory fuzz-here BUILD=build/fuzz CC=$(FUZZ_CC) SANITIZE=fuzzer-no-link,address,undefined
fuzz-here: $(fuzz_names:%=$(BUILD)/bin/%)
	@$(PYTHON) tools/run-tests.py --timeout $$(($(FUZZ_SECONDS) + 120)) --log $(BUILD)/fuzz.tsv \
	    $(foreach n,$(fuzz_names),'$n: sh tools/run-fuzzer.sh $(BUILD) $n $(FUZZ_SECONDS)')
$(fuzz_names:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/obj/test/fuzz/%.o $(support_library) \
    $(static_libraries) $(BUILD)/obj/link-flags
	@mkdir -p $(@D)
	$(call say,LINK)$(link) -fsanitize=fuzzer

coverage:
	@find build/coverage -name '*.gcda' -exec rm -f {} + 2>/dev/null || true
	@$(MAKE) --no-print-directory check-built BUILD=build/coverage optimise=-O0 flavour_flags=--coverage
	gcovr --root . --filter 'lib/' --filter 'src/' --object-directory build/coverage \
	    --html-details build/coverage/index.html --print-summary

abi: $(static_libraries) $(shared_libraries)
	@$(PYTHON) tools/check-symbols.py --build $(BUILD)

abi-update: $(shared_libraries)
	@$(PYTHON) tools/check-symbols.py --build $(BUILD) --update

docs: all
	@$(PYTHON) tools/check-docs.py --build $(BUILD)

all_c := $(sort $(shell find include lib src examples test -name '*.[ch]' -o -name '*.cpp' 2>/dev/null))
linted_sources := $(bc_sources) $(sort $(wildcard src/adapters/*/*.c)) $(example_sources)

format:
	$(CLANG_FORMAT) -i $(all_c)

format-check:
	$(CLANG_FORMAT) --dry-run --Werror $(all_c)

lint: lint-tidy lint-cppcheck

lint-tidy:
	@printf '%s\n' $(linted_sources) | xargs -P 2 -n 1 sh -c '$(CLANG_TIDY) --quiet "$$0" -- \
	    -std=c11 $(our_cppflags) $(package_cflags) 2>/dev/null'

lint-cppcheck:
	$(CPPCHECK) --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --suppressions-list=tools/cppcheck-suppressions.txt --error-exitcode=1 -j 2 \
	    $(our_cppflags) $(linted_sources)

-include $(patsubst %.o,%.d,$(call objects,$(test_sources) $(driven_sources) $(support_sources) \
    $(wildcard test/bench/*.c test/fuzz/*.c)))

#: make check        build and run all quick tests and checks
#: make check-asan   tests under AddressSanitizer and UndefinedBehaviorSanitizer
#: make check-tsan   unit tests under ThreadSanitizer
#: make check-valgrind  unit tests under valgrind
#: make check-long   make check with ten times the counts
#: make bench        measure, print a table, write build/bench.json
#: make fuzz         run each fuzzer FUZZ_SECONDS=60 (clang)
#: make coverage     tests with gcov; report in build/coverage/index.html
#: make abi          compare exported symbols with test/abi; make abi-update rewrites the lists
#: make docs         check links and compile the examples in the documentation
#: make format       clang-format all C; make format-check only looks
#: make lint         clang-tidy and cppcheck
