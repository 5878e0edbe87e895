# What is built, with what, and how. Everything here may be overridden on the command line; CFLAGS,
# CPPFLAGS and LDFLAGS are the user's and come after ours.

# A flavour of the build has a folder of its own: build, build/asan, build/coverage, ...
BUILD ?= build

# Compiles with warnings as errors (1), and with sanitizers (a list as -fsanitize= takes it).
WERROR ?=
SANITIZE ?=

PKG_CONFIG ?= pkg-config
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
CXX ?= c++
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
CPPCHECK ?= cppcheck
INSTALL ?= install

# Where it is installed.
DESTDIR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig

system := $(shell uname -s)

# One short line a command; V=1 shows the commands themselves.
V ?= 0
ifeq ($(V),0)
  say = @printf '  %-5s %s\n' $1 $(if $2,$2,$@);
endif

# include/bc/bc.h is the one place that says the version.
version_part = $(shell awk '$$2 == "BC_VERSION_$1" { print $$3; exit }' include/bc/bc.h)
version_major := $(call version_part,MAJOR)
version_minor := $(call version_part,MINOR)
version_patch := $(call version_part,PATCH)
VERSION := $(version_major).$(version_minor).$(version_patch)
# The soname's number, part of the ABI: 0 until version 1.0.
ABI := 0

# pkg-config is asked when a recipe first needs the answer, once.
# $(call lazy,NAME,VALUE) defines NAME so.
lazy = $(eval $1 = $$(eval $1 := $2)$$($1))
packages-exist = $(if $(shell $(PKG_CONFIG) --exists $1 && echo yes),,$(error \
    $(PKG_CONFIG) does not find all of: $1. Run 'make deps' to install them))
ask-packages = $(call packages-exist,$1)$(shell $(PKG_CONFIG) $2 $1)

# The packages that each library stands on.
bc_packages := libsodium jansson
sqlite_packages := sqlite3
http_packages := libcurl libmicrohttpd jansson
adapters := $(sort $(foreach d,$(wildcard src/adapters/*/*.c),$(word 3,$(subst /, ,$d))))

all_packages := $(bc_packages) $(foreach a,$(adapters),$($a_packages))
$(call lazy,package_cflags,$$(call ask-packages,$$(all_packages),--cflags))
$(call lazy,package_libs,$$(call ask-packages,$$(all_packages),--libs))
$(call lazy,bc_libs,$$(call ask-packages,$$(bc_packages),--libs))
$(foreach a,$(adapters),$(call lazy,$a_libs,$$(call ask-packages,$$($a_packages),--libs)))
$(call lazy,cmocka_cflags,$$(call ask-packages,cmocka,--cflags))
$(call lazy,cmocka_libs,$$(call ask-packages,cmocka,--libs))

warnings := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wvla
ifeq ($(system),Darwin)
  feature_macros := -D_DARWIN_C_SOURCE
else
  feature_macros := -D_POSIX_C_SOURCE=200809L
endif
optimise ?= -O2
# _FORTIFY_SOURCE hides from the sanitizers what they look for, and needs optimisation.
ifeq ($(SANITIZE)$(filter -O0,$(optimise)),)
  harden := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
  harden :=
endif
ifneq ($(SANITIZE),)
  sanitize_flags := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

our_cppflags := -I. -Iinclude $(feature_macros)
our_cflags := -std=c11 $(optimise) -g -fPIC -fvisibility=hidden -pthread $(warnings) \
    $(if $(filter 1,$(WERROR)),-Werror) $(harden) $(sanitize_flags) $(flavour_flags)
our_ldflags := -pthread $(sanitize_flags) $(flavour_flags)
ifneq ($(system),Darwin)
  our_ldflags += -Wl,--as-needed
endif

# macOS: these formulae are not linked into Homebrew's common folders.
ifeq ($(system),Darwin)
  brew_prefix := $(shell brew --prefix 2>/dev/null)
  keg := $(brew_prefix)/opt
  export PKG_CONFIG_PATH := $(PKG_CONFIG_PATH):$(keg)/curl/lib/pkgconfig:$(keg)/sqlite/lib/pkgconfig
endif
