/* info.c: what the kernel says of itself: kernel_info and connect replies. */
#include "state.h"

json_t *jup_answer_info(struct jup_kernel *k, struct jup_message *m) {
    (void)m;
    const struct interp_info *i = k->interp->info;
    bool debugger = k->interp->debug != NULL;
    json_t *features = json_pack("[s]", "kernel subshells");
    if (debugger)
        json_array_append_new(features, json_string("debugger"));
    json_t *language =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", i->name, "version",
                  i->version, "mimetype", i->mimetype, "file_extension",
                  i->file_extension, "pygments_lexer", i->pygments_lexer,
                  "codemirror_mode", i->codemirror_mode, "nbconvert_exporter", "script");
    json_t *links = i->help_url ? json_pack("[{s:s, s:s}]", "text",
                                            i->help_text ? i->help_text : i->help_url,
                                            "url", i->help_url)
                                : json_array();
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:b}", "status", "ok",
                     "protocol_version", "5.5", "implementation", i->implementation,
                     "implementation_version", i->implementation_version, "language_info",
                     language, "banner", i->banner, "help_links", links,
                     "supported_features", features, "debugger", debugger);
}

json_t *jup_answer_connect(struct jup_kernel *k, struct jup_message *m) {
    (void)m;
    const int *port = k->connection.port;
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "status", "ok", "shell_port",
                     port[JUP_SHELL], "iopub_port", port[JUP_IOPUB], "stdin_port",
                     port[JUP_STDIN], "control_port", port[JUP_CONTROL], "hb_port",
                     port[JUP_HEARTBEAT]);
}
