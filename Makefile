# Nabla: one Makefile, no recursion. `make help` lists what it can do.
#
#   MODE   release | debug | asan | tsan         (default release)
#   CC     gcc | clang                           (default gcc)
#   WERROR 1 makes warnings errors               (set in CI)
#   ARCH   x86_64 | aarch64 ...                  (default this machine)
#   V      1 shows the whole commands
#   BUILD  where everything is built             (default build/$(MODE), build/$(MODE)-clang)
#
# Every .c file below engine/, kernel/ and tests/ is found by name: a new file needs no line here.

MODE    ?= release
ARCH    ?= $(shell uname -m)
PREFIX  ?= /usr/local
ifeq ($(origin CC),default)
CC      := gcc
endif
BUILD   ?= build/$(MODE)$(if $(findstring clang,$(CC)),-clang)
WERROR  ?= $(if $(CI),1)

# Cairo, libcurl, libarchive, libpng, SQLite and fontconfig are loaded when they are first used (base/lazy.h):
# their headers are needed here, and nothing is linked.
PKGS     := libzmq jansson libcrypto lua5.4 cairo fontconfig sqlite3 libcurl libarchive libpng zlib
LINKED   := libzmq jansson lua5.4 zlib
# Of libcrypto its SHA-256 and base64 alone, from the archive; the shared one is loaded on demand.
CRYPTO    = $(if $(wildcard $(shell $(CC) -print-file-name=libcrypto.a)),-l:libcrypto.a,-lcrypto)
# Asked once, and only when something is compiled: on a fresh machine pkg-config comes with setup.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(patsubst -I%,-isystem%,$(shell pkg-config --cflags $(PKGS))))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(LINKED)) $(CRYPTO))$(PKG_LIBS)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wformat-nonliteral
ifeq ($(findstring clang,$(CC)),)
WARN += -Wlogical-op
endif
ifneq ($(WERROR),)
WARN += -Werror
endif

OPT_release := -O2 -g
OPT_debug   := -O0 -g3
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
OPT_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
OPT := $(OPT_$(MODE))
$(if $(OPT),,$(error MODE=$(MODE): use release, debug, asan or tsan))

VERSION  := 0.1.0
Q        := $(if $(V),,@)
CPPFLAGS += -Iinclude -D_GNU_SOURCE -DNABLA_VERSION='"$(VERSION)"' -DNABLA_PREFIX='"$(PREFIX)"'
CFLAGS   := -std=c11 $(OPT) $(WARN) -ffp-contract=off -fno-math-errno -pthread $(EXTRA_CFLAGS)
LDFLAGS  += $(filter -fsanitize%,$(OPT)) -pthread $(EXTRA_LDFLAGS)

# ---------------------------------------------------------------------------------- sources
LAYERS := engine/core engine/grad engine/model engine/data engine/metric \
          kernel/jupyter kernel/display kernel/cell kernel/command
src     = $(sort $(wildcard $(1)/*.c))
obj     = $(patsubst %.c,$(BUILD)/%.o,$(1))
ALL_SRC := $(foreach d,$(LAYERS),$(call src,$(d))) $(wildcard kernel/main.c) $(call src,kernel/app)

NN_OBJ  := $(call obj,$(foreach d,$(filter engine/%,$(LAYERS)),$(call src,$(d))))
JUP_OBJ := $(call obj,$(call src,kernel/jupyter))
VIZ_OBJ := $(call obj,$(call src,kernel/display))
CELL_OBJ := $(call obj,$(call src,kernel/cell))
CMD_OBJ := $(call obj,$(call src,kernel/command))
MAIN_OBJ := $(call obj,$(wildcard kernel/main.c) $(call src,kernel/app))

LIB_nn   := $(BUILD)/libnn.a
LIB_jup  := $(BUILD)/libjup.a
LIB_viz  := $(BUILD)/libviz.a
LIB_cell := $(BUILD)/libcell.a
LIB_cmd  := $(BUILD)/libcmd.a
$(LIB_nn): $(NN_OBJ)
$(LIB_jup): $(JUP_OBJ)
$(LIB_viz): $(VIZ_OBJ)
$(LIB_cell): $(CELL_OBJ)
$(LIB_cmd): $(CMD_OBJ)
LIBS := $(LIB_cmd) $(LIB_cell) $(LIB_jup) $(LIB_viz) $(LIB_nn)
NABLA := $(BUILD)/nabla
MO    := $(patsubst po/%.po,$(BUILD)/locale/%/LC_MESSAGES/nabla.mo,$(wildcard po/*.po))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# `make lab` on a fresh machine: the set-up comes before the first compilation.
SETUP := $(if $(filter lab course,$(MAKECMDGOALS)),setup-run)

all: $(NABLA) $(MO) ## build the kernel

$(NABLA): $(MAIN_OBJ) $(LIBS)
	@echo "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(MAIN_OBJ) $(LIBS) $(PKG_LIBS) -lm

%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rcs $@ $^

# A kernel file for one instruction set carries its flags in its name: gemm_avx2.c, gemm_avx512.c.
# They alone may contract multiply and add; all other code keeps the written order.
ifeq ($(ARCH),x86_64)
$(BUILD)/engine/core/%_avx2.o:   CFLAGS += -mavx2 -mfma -O3 -ffp-contract=fast
$(BUILD)/engine/core/%_avx512.o: CFLAGS += -mavx2 -mfma -mavx512f -mavx512vl -mavx512dq -mavx512bw \
                                           -mprefer-vector-width=512 -O3 -ffp-contract=fast
endif
$(BUILD)/engine/core/%_vec.o:    CFLAGS += -O3 -ffp-contract=fast

$(BUILD)/%.o: %.c Makefile | $(SETUP)
	@mkdir -p $(@D)
	@echo "CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# The logos and the report's template are part of the program: nabla install writes them out.
$(BUILD)/kernel/app/logo.o: $(wildcard kernel/app/logo/*)
$(BUILD)/kernel/app/template.o: $(wildcard kernel/app/informe/*)

# ---------------------------------------------------------------------------------- messages
# The source is Spanish; po/en.po is its English.
$(BUILD)/locale/%/LC_MESSAGES/nabla.mo: po/%.po | $(SETUP)
	@mkdir -p $(@D)
	msgfmt --check-format -o $@ $<

# Headers too: rows that several commands share, inline functions.
MESSAGES_IN = $(ALL_SRC) $(wildcard include/*/*.h $(addsuffix /*.h,$(LAYERS) kernel/app))

messages: manual ## bring po/*.po and the manual up to date with the source
	xgettext -o po/nabla.pot --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ \
	    --keyword=ngettext_:1,2 --sort-by-file --no-location --package-name=nabla $(MESSAGES_IN)
	@for f in po/*.po; do msgmerge -q --update --backup=none --no-fuzzy-matching $$f po/nabla.pot; done

# ---------------------------------------------------------------------------------- manual
# The reference of all commands, from their help rows.
MANUAL := notebooks/MANUAL.md

manual: all ## write notebooks/MANUAL.md anew
	NABLA_LANG=es $(NABLA) manual > $(BUILD)/MANUAL.md
	@cmp -s $(BUILD)/MANUAL.md $(MANUAL) || cp $(BUILD)/MANUAL.md $(MANUAL)

manual-check: all ## notebooks/MANUAL.md says what the help rows say
	@NABLA_LANG=es $(NABLA) manual > $(BUILD)/MANUAL.md
	@! grep -q '^## Lo demás' $(BUILD)/MANUAL.md || { echo "a row belongs to no chapter (kernel/app/manual.c)"; exit 1; }
	@diff -u $(MANUAL) $(BUILD)/MANUAL.md | head -40; cmp -s $(MANUAL) $(BUILD)/MANUAL.md || \
	    { echo "$(MANUAL) is old: make manual"; exit 1; }
	@echo "manual: $$(grep -c '^### ' $(MANUAL)) entries, current"

.PHONY: manual manual-check

# ---------------------------------------------------------------------------------- set-up, lab
setup: setup-test ## install what the lab and the tests need (.binder/*.txt)

setup-run setup-report setup-test: setup-%:
	@.binder/setup $*

JUPYTER := .venv/bin/jupyter
# What a student has no use for stays out of the page: make lab TEACHER=1 shows nbgrader's menus.
STUDENT_CONFIG := JUPYTER_CONFIG_PATH=$(CURDIR)/.binder/jupyter$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}
NB ?= notebooks/curso/00_bienvenida.ipynb
lab: course ## open the course in JupyterLab (TEACHER=1: with nbgrader's menus, in notebooks/)
	@$(NABLA) install --prefix .venv
ifdef TEACHER
	cd notebooks && PATH=$(CURDIR)/.venv/bin:$$PATH ../$(JUPYTER) lab $(LAB_ROOT) $(LAB_FLAGS)
else
	@[ -e "$(NB)" ] && nb="$(NB)"; $(STUDENT_CONFIG) $(JUPYTER) lab $(LAB_ROOT) $(LAB_FLAGS) $${nb:-notebooks}
endif
LAB_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)

course: setup-run all ## make the student's notebooks of notebooks/source, in notebooks/curso
	@.venv/bin/python .binder/course

# PDF=... where it goes (beside the notebook), TEX=... a folder that keeps the LaTeX.
report: setup-report all ## a notebook's PDF with the template «informe» (NB=..., PDF=..., TEX=...)
	@$(NABLA) install --prefix .venv >/dev/null
	@PATH=$(CURDIR)/.venv/bin:$$PATH $(NABLA) report $(if $(PDF),--pdf $(PDF)) $(if $(TEX),--tex $(TEX)) $(NB)

install: all ## install below PREFIX (default /usr/local), with the kernelspec
	install -D -m 755 $(NABLA) $(DESTDIR)$(PREFIX)/bin/nabla
	@for f in $(MO); do l=$${f#$(BUILD)/locale/}; install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/locale/$$l; done
	$(DESTDIR)$(PREFIX)/bin/nabla install --prefix $(DESTDIR)$(PREFIX) --executable $(PREFIX)/bin/nabla

uninstall: ## remove what install wrote
	-$(DESTDIR)$(PREFIX)/bin/nabla install --remove --prefix $(DESTDIR)$(PREFIX)
	rm -f $(DESTDIR)$(PREFIX)/bin/nabla $(DESTDIR)$(PREFIX)/share/locale/*/LC_MESSAGES/nabla.mo

include tests/tests.mk

help: ## this list
	@grep -hE '^[a-z][a-zA-Z_ -]*:.*## ' Makefile $(wildcard tests/*.mk tests/*/*.mk) | sed -E 's/:.*## /\t/' | expand -t 18 | sort

clean: ## remove what was built (the environment .venv stays)
	rm -rf build

.PHONY: all help clean setup setup-run setup-report setup-test lab course report install uninstall messages
