# The libraries, the programs, and the rules by which all C is compiled.

.PHONY: all run clean deps help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

rooms := base store block rules chain mine sync api
bc_sources := $(sort $(wildcard lib/*.c lib/*/*.c $(rooms:%=src/%/*.c) $(rooms:%=src/%/*/*.c)))
example_sources := $(sort $(wildcard examples/*.c examples/*/*.c))
libraries := bc $(adapters:%=bc-%)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$1)

static_libraries := $(libraries:%=$(BUILD)/lib%.a)
ifeq ($(system),Darwin)
  shared_real = lib$1.$(VERSION).dylib
  shared_soname = lib$1.$(ABI).dylib
  shared_plain = lib$1.dylib
  shared_flags = -dynamiclib -install_name $(LIBDIR)/$(call shared_soname,$1) \
      -compatibility_version $(ABI).0 -current_version $(VERSION)
else
  shared_real = lib$1.so.$(VERSION)
  shared_soname = lib$1.so.$(ABI)
  shared_plain = lib$1.so
  shared_flags = -shared -Wl,-soname,$(call shared_soname,$1) -Wl,--version-script=src/api/libbc.map \
      -Wl,-z,relro -Wl,-z,now $(all_defined)
  # Not with a sanitizer, whose runtime only programs hold.
  all_defined := $(if $(SANITIZE),,-Wl,-z,defs)
endif
shared_libraries := $(foreach l,$(libraries),$(BUILD)/$(call shared_plain,$l))

# An example is one file, or a folder of files which share examples/common.
example_folders := $(filter-out common,$(sort $(foreach s,$(wildcard examples/*/*.c),\
    $(word 2,$(subst /, ,$s)))))
programs := $(patsubst examples/%.c,%,$(wildcard examples/*.c)) $(example_folders)
program_files := $(programs:%=$(BUILD)/bin/%)

all: $(static_libraries) $(shared_libraries) $(program_files)

run: $(BUILD)/bin/bcnode
	@exec $(BUILD)/bin/bcnode $(ARGS)

# A file that changes when its text does, so that what depends on it is made again when flags or
# lists of sources change.
write-if-changed = @mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$1)' | cmp -s - $@ || \
    printf '%s\n' '$(subst ','\'',$1)' >$@

$(BUILD)/obj/flags: FORCE
	$(call write-if-changed,$(CC) $(our_cppflags) $(our_cflags) $(CPPFLAGS) $(CFLAGS))
$(BUILD)/obj/link-flags: FORCE
	$(call write-if-changed,$(CC) $(our_ldflags) $(LDFLAGS) $(libraries) $(VERSION) \
	    $(if $(filter Darwin,$(system)),$(LIBDIR)))
$(BUILD)/obj/%.list: FORCE
	$(call write-if-changed,$(list))

compile = $(CC) $(our_cppflags) $(our_cflags) $(package_cflags) -MMD -MP $(CPPFLAGS) $(CFLAGS)

$(BUILD)/obj/test/%.o: test/%.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) $(cmocka_cflags) -c -o $@ $<

$(BUILD)/obj/%.o: %.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) -c -o $@ $<

# $(call library,NAME,SOURCES,LIBRARIES OF OURS BELOW IT,LIBRARIES OF OTHERS)
define library
$(BUILD)/obj/lib$1.list: list = $2
$(BUILD)/lib$1.a: $(call objects,$2) $(BUILD)/obj/lib$1.list
	@rm -f $$@
	$$(call say,AR)$$(AR) rcs $$@ $(call objects,$2)
$(BUILD)/$(call shared_real,$1): $(call objects,$2) $(BUILD)/obj/lib$1.list $(BUILD)/obj/link-flags \
    src/api/libbc.map $(foreach l,$3,$(BUILD)/$(call shared_plain,$l))
	$$(call say,LINK)$$(CC) $(call shared_flags,$1) $$(our_ldflags) $$(LDFLAGS) -o $$@ $(call objects,$2) \
	    $(if $3,-L$(BUILD) $(3:%=-l%)) $$($4)
$(BUILD)/$(call shared_plain,$1): $(BUILD)/$(call shared_real,$1)
	@ln -sf $(call shared_real,$1) $(BUILD)/$(call shared_soname,$1)
	@ln -sf $(call shared_soname,$1) $$@
endef
$(eval $(call library,bc,$(bc_sources),,bc_libs))
$(foreach a,$(adapters),$(eval $(call library,bc-$a,$(sort $(wildcard src/adapters/$a/*.c)),bc,$a_libs)))

# Our programs and tests take the static libraries (adapters first, for they call the core), so that
# they run where they lie; tests see internal symbols that way too.
link_static = $(foreach a,$(adapters),$(BUILD)/libbc-$a.a) $(BUILD)/libbc.a $(package_libs)
link = $(CC) $(our_ldflags) $(LDFLAGS) -o $@ $(filter %.o %/support.a,$^) $(link_static)

# $(call program,NAME,SOURCES)
define program
$(BUILD)/bin/$1: $(call objects,$2) $(static_libraries) $(BUILD)/obj/link-flags
	@mkdir -p $$(@D)
	$$(call say,LINK)$$(link)
endef
common_sources := $(sort $(wildcard examples/common/*.c))
$(foreach p,$(example_folders),$(eval $(call program,$p,$(sort $(wildcard examples/$p/*.c)) $(common_sources))))
$(foreach p,$(filter-out $(example_folders),$(programs)),$(eval $(call program,$p,examples/$p.c)))

-include $(patsubst %.o,%.d,$(call objects,$(bc_sources) $(wildcard src/adapters/*/*.c) $(example_sources)))

clean:
	rm -rf $(BUILD)

deps:
	@sh tools/deps.sh

help:
	@sed -n 's/^#: //p' make/*.mk
FORCE:

#: make              libraries and programs, under build/
#: make run          build and start bcnode (ARGS='-p 5001')
#: make clean        remove build/
#: make deps         install what is missing (Debian, Ubuntu: apt-get; macOS: brew)
#: make help         this list
