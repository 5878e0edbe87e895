# libbc: build, test and install. GNU make 3.82 or newer, or macOS's own 3.81. `make help` lists the targets.
.DEFAULT_GOAL := all

# `make deps check`: deps has to end before any other rule runs, or even asks pkg-config, whatever
# -j says. So when other goals stand beside deps, a second make takes them afterwards.
later_goals := $(filter-out deps,$(MAKECMDGOALS))
ifneq ($(and $(filter deps,$(MAKECMDGOALS)),$(later_goals)),)

.PHONY: deps later $(later_goals)
deps:
	@sh tools/deps.sh
later: deps
	@$(MAKE) --no-print-directory $(later_goals)
$(later_goals): later
	@:

else

include make/config.mk
include make/build.mk
include make/check.mk
include make/install.mk

endif
