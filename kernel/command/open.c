/* open.c: every family of commands, in the order in which they build on each other. */
#include "command/command.h"

#include "autograd.h"
#include "boundary.h"
#include "cover.h"
#include "experiments.h"
#include "explain.h"
#include "objects.h"
#include "register.h"
#include "report_build.h"
#include "session.h"
#include "show.h"
#include "tensor.h"
#include "watch.h"
#include "widget.h"

#include "cell/cell.h"

int cmd_open(lua_State *L) {
    /* one ceiling: the cell's also holds for the engine's memory */
    nn_memory_set_limit(MIN_OF(nn_memory_limit(), cell_memory_max(L)));
    cmd_box_open(L);
    cmd_session_open(L);
    cmd_watch_open(L);
    cmd_show_open(L);
    cmd_tensor_open(L);
    cmd_functions_open(L);
    cmd_autograd_open(L);
    cmd_gradcheck_open(L);
    cmd_explain_open(L);
    cmd_chain_open(L);
    cmd_graph_open(L);
    cmd_backprop_open(L);
    cmd_trace_open(L);
    cmd_data_open(L);
    cmd_layers_open(L);
    cmd_optim_open(L);
    cmd_losses_open(L);
    cmd_model_open(L);
    cmd_metrics_open(L);
    cmd_plot_open(L);
    cmd_plot_images_open(L);
    cmd_plot_confused_open(L);
    cmd_plot_gradients_open(L);
    cmd_plot_histogram_open(L);
    cmd_plot_contour_open(L);
    cmd_plot_history_open(L);
    cmd_plot_model_open(L);
    cmd_plot_activations_open(L);
    cmd_plot_boundary_open(L);
    cmd_plot_descent_open(L);
    cmd_plot_curve_open(L);
    cmd_lab_open(L);
    cmd_lab_table_open(L);
    cmd_check_open(L);
    cmd_grade_open(L);
    cmd_cover_open(L);
    cmd_latex_open(L);
    cmd_report_open(L);
    cmd_widget_open(L);
    cmd_interact_open(L);
    cmd_experiments_open(L);
    cmd_modules_seal(L);
    return 0;
}
