# Installation below $(DESTDIR)$(PREFIX).

.PHONY: install uninstall

installed_programs := $(filter bcnode bcctl,$(programs))
installed_headers := $(wildcard include/bc/*.h)
pkgconfig_files := libbc $(adapters:%=libbc-%)

# Paths in .pc files are written in terms of the prefix, so that the tree may be moved.
fill-in = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
    -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' \
    -e 's|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(INCLUDEDIR))|'

install: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(INCLUDEDIR)/bc' '$(DESTDIR)$(PKGCONFIGDIR)'
	$(INSTALL) -m 644 $(installed_headers) '$(DESTDIR)$(INCLUDEDIR)/bc'
	$(INSTALL) -m 644 $(static_libraries) '$(DESTDIR)$(LIBDIR)'
	$(INSTALL) -m 755 $(foreach l,$(libraries),$(BUILD)/$(call shared_real,$l)) '$(DESTDIR)$(LIBDIR)'
	@for library in $(foreach l,$(libraries),$(call shared_real,$l):$(call shared_soname,$l):$(call shared_plain,$l)); do \
	    real=$${library%%:*}; rest=$${library#*:}; \
	    ln -sf "$$real" '$(DESTDIR)$(LIBDIR)'/"$${rest%%:*}" && \
	    ln -sf "$${rest%%:*}" '$(DESTDIR)$(LIBDIR)'/"$${rest#*:}" || exit 1; \
	done
	@for name in $(pkgconfig_files); do \
	    $(fill-in) "pkgconfig/$$name.pc.in" >'$(DESTDIR)$(PKGCONFIGDIR)'/"$$name.pc" && \
	    chmod 644 '$(DESTDIR)$(PKGCONFIGDIR)'/"$$name.pc" || exit 1; \
	done
	$(if $(installed_programs),$(INSTALL) -m 755 $(installed_programs:%=$(BUILD)/bin/%) '$(DESTDIR)$(BINDIR)')

uninstall:
	cd '$(DESTDIR)$(LIBDIR)' && rm -f $(libraries:%=lib%.a) \
	    $(foreach l,$(libraries),$(call shared_real,$l) $(call shared_soname,$l) $(call shared_plain,$l))
	cd '$(DESTDIR)$(PKGCONFIGDIR)' && rm -f $(pkgconfig_files:%=%.pc)
	cd '$(DESTDIR)$(BINDIR)' && rm -f $(installed_programs)
	rm -rf '$(DESTDIR)$(INCLUDEDIR)/bc'

#: make install      to DESTDIR= PREFIX=/usr/local LIBDIR= BINDIR= INCLUDEDIR=; make uninstall undoes it
