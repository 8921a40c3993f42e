/* usage.c: usage_request, what jupyter-resource-usage shows (ipykernel's extension). */
#include "state.h"

#include <sys/resource.h>
#include <unistd.h>

/* A field of /proc/meminfo in bytes; 0 when it is not there. */
static double meminfo(const char *text, const char *name) {
    const char *line = strstr(text, name);
    return line ? strtod(line + strlen(name), NULL) * 1024 : 0;
}

static json_t *host_memory(void) {
    char text[4096] = "";
    FILE *f = fopen("/proc/meminfo", "re");
    if (f) {
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
    }
    double total = meminfo(text, "MemTotal:"), free_now = meminfo(text, "MemAvailable:");
    return json_pack("{s:I, s:I, s:I, s:f}", "total", (json_int_t)total, "available",
                     (json_int_t)free_now, "used", (json_int_t)(total - free_now),
                     "percent", total > 0 ? 100 * (total - free_now) / total : 0.0);
}

static double resident_bytes(void) {
    long pages = 0, all = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%ld %ld", &all, &pages) != 2)
            pages = 0;
        fclose(f);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Share of one processor since the last question; control's thread alone asks. */
json_t *jup_answer_usage(struct jup_kernel *k, struct jup_message *m) {
    (void)m;
    double now = clock_seconds(), used = cpu_seconds(), load[1] = {0};
    struct jup_control *c = &k->control;
    double span = now - c->usage_time;
    double percent =
        c->usage_time > 0 && span > 0 ? 100 * (used - c->usage_cpu) / span : 0;
    c->usage_time = now;
    c->usage_cpu = used;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    if (getloadavg(load, 1) < 1)
        load[0] = 0;
    double host = cpus > 0 ? MIN_OF(100.0, 100 * load[0] / (double)cpus) : 0;
    return json_pack("{s:s, s:s, s:i, s:f, s:I, s:I, s:f, s:o}", "status", "ok",
                     "hostname", name, "pid", (int)getpid(), "kernel_cpu", percent,
                     "kernel_memory", (json_int_t)resident_bytes(), "cpu_count",
                     (json_int_t)cpus, "host_cpu_percent", host, "host_virtual_memory",
                     host_memory());
}
