/* callbacks.h: what the kinds of callbacks share. */
#ifndef ENGINE_MODEL_CALLBACKS_H
#define ENGINE_MODEL_CALLBACKS_H

#include "models.h"

#include "nn/callback.h"

/* For begin: forgets an earlier training, finds out which way `monitor` improves and
 * whether it will be there. */
int nn_callback_watch(struct nn_callback *c, const struct nn_callback_run *r,
                      struct err *e);
/* The monitored number of the epoch that ended; NaN when there is none. */
double nn_callback_value(const struct nn_callback *c, const struct nn_callback_run *r);
/* v is better than the best by more than min_delta: it becomes the best. */
bool nn_callback_improved(struct nn_callback *c, const struct nn_callback_run *r,
                          double v, double min_delta);
__attribute__((format(printf, 2, 3))) void nn_callback_say(struct nn_callback_run *r,
                                                           const char *fmt, ...);

extern const struct nn_callback_type nn_early_stopping, nn_reduce_rate;  /* watch */
extern const struct nn_callback_type nn_model_checkpoint, nn_csv_logger; /* files */

/* Any name passes: which columns there are shows when the training begins. */
int nn_callback_check_monitor(char text[NN_OPTION_TEXT], const char *given,
                              struct err *e);

#define NN_MONITOR_ROWS                                                                  \
    {.name = "monitor",                                                                  \
     .kind = NN_OPT_TEXT,                                                                \
     .text = "val_loss",                                                                 \
     .choices = "val_loss|val_accuracy|loss|accuracy",                                   \
     .check = nn_callback_check_monitor,                                                 \
     .help = N_("columna del historial que se vigila")},                                 \
    {                                                                                    \
        .name = "mode", .kind = NN_OPT_TEXT, .text = "auto", .choices = "auto|min|max",  \
        .help = N_("si mejora al bajar (min) o al subir (max)")                          \
    }

#endif
