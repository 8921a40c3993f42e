/* objects.h: the classes of boxed engine objects and how to find them in arguments. */
#ifndef COMMAND_OBJECTS_H
#define COMMAND_OBJECTS_H

#include "args.h"

#include "nn/dataset.h"
#include "nn/fit.h"
#include "nn/schedule.h"

#define CMD_DATASET   "Dataset"
#define CMD_MODEL     "Model"
#define CMD_LAYER     "Layer"
#define CMD_OPTIMIZER "Optimizer"
#define CMD_HISTORY   "History"
#define CMD_SCHEDULE  "Schedule"
#define CMD_LOSS      "Loss"
#define CMD_CALLBACK  "Callback"

/* Which part of a data set, "train", "valid" or "test", as tensors; borrowed. */
struct cmd_part {
    struct nn_tensor *x, *y;
    const struct nn_dataset *data; /* NULL when x and y came as tensors */
};

/* Reads x [, y] from two parameters: a data set (its test part when prefer_test, else
 * the training part) or two tensors. y becomes int32 when it holds class numbers.
 * Converted values replace their slots. Raises. */
void cmd_read_part(const struct cmd_args *a, const char *x, const char *y,
                   bool prefer_test, bool need_y, struct cmd_part *part);
/* x as a model takes it: float64 and int32 become float32, uint8 stays. */
struct nn_tensor *cmd_model_input(lua_State *L, int slot, const char *what);
/* y as labels (int32) when whole, else float32. */
struct nn_tensor *cmd_model_target(lua_State *L, int slot, const char *what);
/* Labels as int32; a real or byte tensor or a list is converted. Raises. */
struct nn_tensor *cmd_labels(lua_State *L, int slot, const char *what);

/* Display names of classes: of the data set, or NULL. */
char **cmd_class_names(const struct nn_dataset *d);

/* The data set normalises like this before a network sees it. */
struct nn_normalise cmd_normalise(const struct nn_dataset *d);

/* "optim.StepDecay{...}", as one would write it. */
void cmd_schedule_text(struct buf *b, const struct nn_schedule *s);

/* Hands the value at idx, a layer or a model that becomes one, to take, which owns it when
 * it returns 0. After a refusal the value is as it was. what names the command. */
typedef int cmd_take_fn(void *owner, struct nn_layer *l, struct err *e);
int cmd_give_layer(lua_State *L, int idx, const char *what, cmd_take_fn *take,
                   void *owner, struct err *e);
/* The same for every item of the list at idx; nil is an empty one. Refuses what is no
 * layer before it takes the first. */
int cmd_give_layers(lua_State *L, int idx, const char *what, cmd_take_fn *take,
                    void *owner, struct err *e);
/* Pushes a box that shares the layer; a list of such boxes. */
void cmd_layer_push(lua_State *L, struct nn_layer *l);
void cmd_layer_list_push(lua_State *L, int n, struct nn_layer *const layer[]);
/* The boolean at idx, for an assignment to trainable; raises on other types. */
bool cmd_trainable_flag(lua_State *L, int idx);

void cmd_data_open(lua_State *L);
void cmd_layer_open(lua_State *L);
void cmd_specs_open(lua_State *L);
void cmd_layers_open(lua_State *L);
void cmd_model_open(lua_State *L);
void cmd_model_files_open(lua_State *L);
void cmd_model_layers_open(lua_State *L);
void cmd_summary_open(lua_State *L);
void cmd_optim_open(lua_State *L);
void cmd_losses_open(lua_State *L);

/* A loss with its option's number, as compile takes it. */
struct cmd_loss {
    const struct nn_loss_type *type;
    double value;
};
void cmd_schedule_open(lua_State *L);
void cmd_metrics_open(lua_State *L);
void cmd_plot_open(lua_State *L);
void cmd_plot_images_open(lua_State *L);
void cmd_plot_confused_open(lua_State *L);
void cmd_plot_gradients_open(lua_State *L);
void cmd_plot_histogram_open(lua_State *L);
void cmd_plot_contour_open(lua_State *L);
void cmd_plot_descent_open(lua_State *L);
void cmd_plot_curve_open(lua_State *L);
void cmd_plot_history_open(lua_State *L);
void cmd_plot_model_open(lua_State *L);
void cmd_plot_activations_open(lua_State *L);
void cmd_lab_open(lua_State *L);
void cmd_lab_table_open(lua_State *L);
void cmd_check_open(lua_State *L);
void cmd_grade_open(lua_State *L);

#endif
