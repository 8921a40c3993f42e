/* kernel.c: `nabla kernel`: the protocol, the language and the commands, put together. */
#include "jupyter/kernel.h"
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cell/cell.h"
#include "command/command.h"

#include <stdio.h>
