/* bench_train.c: serves training steps and epochs on request, so that a script can let
 * them take turns with another library's in one run.
 *
 *     bench_train < requests                     one line in, one line out
 *
 *     nets                        ->  names of the networks that can be built
 *     step NET THREADS STEPS      ->  seconds, seconds of processor, times preempted
 *     epoch NET THREADS SAMPLES   ->  the same for one epoch of nn_fit
 *     peak THREADS                ->  multiply-add flop per second
 *     cpu                         ->  name of the chosen kernels
 *     memory                      ->  peak memory of this process in bytes
 *
 * A step is: batch in memory, forward, softmax cross-entropy, backward, SGD. Between two
 * requests the process sleeps in read. */
#include <stdio.h>
#include <sys/resource.h>

#include "bench_nets.h"
#include "fma_peak.h"
#include "nn/fit.h"
#include "nn/rng.h"

#include "../../engine/model/models.h"

struct session {
    struct nn_model *model;
    struct nn_tensor *x, *y;     /* the batch in memory */
    struct nn_tensor *all, *lab; /* the data set of the epochs */
};

static struct session sessions[BENCH_NETS];

static void die(const struct err *e) {
    printf("error %s\n", e->msg);
    exit(1);
}

static long preempted(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_nivcsw;
}

static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct lap {
    double start, processor;
    long preempted;
};

static struct lap lap_begin(void) {
    return (struct lap){clock_seconds(), processor_seconds(), preempted()};
}

static void lap_print(const struct lap *l) {
    double seconds = clock_seconds() - l->start;
    printf("%.9f %.9f %ld\n", seconds, processor_seconds() - l->processor,
           preempted() - l->preempted);
}

static void use_threads(int n) {
    if (nn_pool_threads() != n)
        nn_pool_set_threads(n);
}

static struct nn_tensor *labels(size_t n, struct err *e) {
    struct nn_tensor *y;
    struct nn_rng r;
    if (nn_tensor_new(&y, NN_I32, 1, &n, e) < 0)
        die(e);
    nn_rng_seed(&r, n);
    for (size_t i = 0; i < n; i++)
        nn_tensor_i32(y)[i] = (int32_t)nn_rng_below(&r, 10);
    return y;
}

static void batch_in_memory(struct session *s, const struct bench_net *net,
                            struct err *e) {
    size_t shape[4] = {net->batch, net->shape[0], net->shape[1], net->shape[2]};
    struct nn_rng r;
    if (nn_tensor_new(&s->x, NN_F32, 4, shape, e) < 0)
        die(e);
    nn_rng_seed(&r, 1);
    nn_rng_fill_uniform(&r, s->x, 0, 1);
    s->y = labels(net->batch, e);
}

static struct session *session(const struct bench_net *net, struct err *e) {
    struct session *s = &sessions[net - bench_nets];
    if (s->model)
        return s;
    if (bench_net_new(&s->model, net, e) < 0)
        die(e);
    batch_in_memory(s, net, e);
    if (nn_model_build(s->model, 3, net->shape, e) < 0 ||
        nn_model_attach(s->model, e) < 0)
        die(e);
    return s;
}

static struct nn_plan *plan(struct session *s, struct err *e) {
    struct nn_plan *p;
    if (nn_plans_train(&p, s->model, s->x->shape[0], s->y, e) < 0 ||
        nn_plan_bind(p, 0, s->x, e) < 0 || nn_plan_bind(p, 1, s->y, e) < 0)
        die(e);
    return p;
}

static void step(struct session *s, struct err *e) {
    struct nn_plan *p = plan(s, e);
    nn_plan_forward(p);
    double rate = nn_optim_plain_rate(s->model->optim);
    if (rate > 0)
        nn_plan_descend(p, rate);
    else
        nn_plan_backward(p);
    if (nn_optim_step(s->model->optim, e) < 0)
        die(e);
}

/* The first step wakes the workers and warms the caches. */
static void answer_step(const struct bench_net *net, int steps, struct err *e) {
    struct session *s = session(net, e);
    step(s, e);
    struct lap l = lap_begin();
    for (int i = 0; i < steps; i++)
        step(s, e);
    lap_print(&l);
}

static void data_set(struct session *s, const struct bench_net *net, size_t n,
                     struct err *e) {
    size_t shape[4] = {n, net->shape[0], net->shape[1], net->shape[2]};
    struct nn_rng r;
    if (s->all && s->all->shape[0] == n)
        return;
    nn_tensor_release(s->all);
    nn_tensor_release(s->lab);
    if (nn_tensor_new(&s->all, NN_U8, 4, shape, e) < 0)
        die(e);
    nn_rng_seed(&r, n);
    for (size_t i = 0; i < s->all->n; i++)
        nn_tensor_u8(s->all)[i] = (unsigned char)(nn_rng_next(&r) & 255);
    s->lab = labels(n, e);
}

static void answer_epoch(const struct bench_net *net, int n, struct err *e) {
    struct session *s = session(net, e);
    data_set(s, net, (size_t)n, e);
    struct nn_fit_data d = {.x = s->all, .y = s->lab};
    struct nn_fit_options o = {.epochs = 1, .batch_size = net->batch};
    struct lap l = lap_begin();
    if (nn_fit(s->model, &d, &o, e) < 0)
        die(e);
    lap_print(&l);
}

/* About a millisecond on each thread, after a first turn that wakes the workers. */
static void answer_peak(void) {
    size_t chunks = 16 * (size_t)nn_pool_threads();
    (void)fma_peak_run(chunks);
    double start = clock_seconds();
    double done = fma_peak_run(chunks);
    printf("%.6e\n", done / (clock_seconds() - start));
}

/* Not getrusage's: that one starts with what the parent had when it forked. */
static void answer_memory(void) {
    char line[128];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (f)
        (void)fclose(f);
    printf("%ld\n", kib * 1024);
}

static void answer_nets(void) {
    for (size_t i = 0; i < BENCH_NETS; i++) {
        struct err e = {0};
        struct nn_model *m;
        if (bench_net_new(&m, &bench_nets[i], &e) < 0)
            continue;
        printf("%s ", bench_nets[i].name);
        nn_model_free(m);
    }
    printf("\n");
}

static void answer(const char *what, const char *name, int threads, int count) {
    struct err e = {0};
    const struct bench_net *net = bench_net_find(name);
    bool trains = strcmp(what, "step") == 0 || strcmp(what, "epoch") == 0;
    if (strcmp(what, "nets") == 0) {
        answer_nets();
    } else if (strcmp(what, "cpu") == 0) {
        printf("%s\n", nn_cpu_name());
    } else if (strcmp(what, "memory") == 0) {
        answer_memory();
    } else if (strcmp(what, "peak") == 0) {
        use_threads(atoi(name));
        answer_peak();
    } else if (!trains || !net || threads < 1 || count < 1) {
        printf("error not understood: %s %s %d %d\n", what, name, threads, count);
    } else {
        use_threads(threads);
        if (strcmp(what, "step") == 0)
            answer_step(net, count, &e);
        else
            answer_epoch(net, count, &e);
    }
}

int main(void) {
    char line[128];
    while (fgets(line, sizeof line, stdin)) {
        char what[16] = "", name[16] = "";
        int threads = 0, count = 0;
        if (sscanf(line, "%15s %15s %d %d", what, name, &threads, &count) < 1)
            continue;
        answer(what, name, threads, count);
        (void)fflush(stdout);
    }
    return 0;
}
