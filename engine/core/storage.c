/* storage.c: reference-counted memory with one ceiling for all of it. Small blocks come
 * from the heap, large ones straight from the system: those arrive zeroed, may use huge
 * pages and go back at once when dropped. */
#include "storage.h"

#include "nn/tensor.h"

#include <sys/mman.h>
#include <unistd.h>

#define BIG_BLOCK (4u << 20) /* bytes from which a block is mapped on its own */
#define HUGE_PAGE (2u << 20)

struct nn_storage {
    atomic_int refs;
    bool mapped;
    size_t bytes; /* rounded up: what is counted and given back */
    void *data;
};

static atomic_size_t in_use;
static atomic_size_t limit; /* 0: not asked for yet */

/* The ceiling that a container sets, or SIZE_MAX. */
static size_t container_memory(void) {
    FILE *f = fopen("/sys/fs/cgroup/memory.max", "re");
    unsigned long long v = 0;
    if (!f)
        return SIZE_MAX;
    bool number = fscanf(f, "%llu", &v) == 1;
    (void)fclose(f);
    return number && v > 0 ? (size_t)v : SIZE_MAX;
}

size_t nn_memory_limit(void) {
    size_t have = atomic_load(&limit);
    if (have)
        return have;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t machine = SIZE_MAX;
    if (pages > 0 && page > 0 && !mul_size(&machine, (size_t)pages, (size_t)page))
        machine = SIZE_MAX;
    machine = MIN_OF(machine, container_memory());
    size_t wanted = machine / 4 * 3;
    return atomic_compare_exchange_strong(&limit, &have, wanted) ? wanted : have;
}

void nn_memory_set_limit(size_t bytes) {
    atomic_store(&limit, MAX_OF(bytes, (size_t)1));
}

size_t nn_memory_in_use(void) {
    return atomic_load(&in_use);
}

/* Takes bytes from the allowance; false when that would pass the limit. */
static bool reserve(size_t bytes) {
    size_t max = nn_memory_limit(), now = atomic_load(&in_use);
    do {
        if (bytes > max || now > max - bytes)
            return false;
    } while (!atomic_compare_exchange_weak(&in_use, &now, now + bytes));
    return true;
}

static void *map_block(size_t bytes) {
    void *p =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    (void)madvise(p, bytes, MADV_HUGEPAGE); /* advice only: a refusal costs speed */
    return p;
}

static void *heap_block(size_t bytes) {
    void *p = aligned_alloc(NN_ALIGN, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

int nn_storage_new(struct nn_storage **out, size_t bytes) {
    *out = NULL;
    bool mapped = bytes >= BIG_BLOCK;
    size_t unit = mapped ? HUGE_PAGE : NN_ALIGN, room;
    if (!add_size(&room, bytes, NN_ALIGN + unit - 1))
        return ERR_NOMEM;
    room = room / unit * unit;
    if (!reserve(room))
        return ERR_NOMEM;
    struct nn_storage *s = malloc(sizeof *s);
    void *data = !s ? NULL : mapped ? map_block(room) : heap_block(room);
    if (!data) {
        free(s);
        atomic_fetch_sub(&in_use, room);
        return ERR_NOMEM;
    }
    *s = (struct nn_storage){.mapped = mapped, .bytes = room, .data = data};
    atomic_init(&s->refs, 1);
    *out = s;
    return 0;
}

void *nn_storage_data(const struct nn_storage *s) {
    return s->data;
}

void nn_storage_retain(struct nn_storage *s) {
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void nn_storage_release(struct nn_storage *s) {
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (s->mapped)
        (void)munmap(s->data, s->bytes);
    else
        free(s->data);
    atomic_fetch_sub(&in_use, s->bytes);
    free(s);
}
