/* folder_list.c: reads the names of a folder of classes and puts them in order. */
#include "folder_list.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "nn/folder.h"

#include <dirent.h>
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

static int no_memory(const char *path, struct err *e) {
    return err_set(e, ERR_NOMEM, _("%s: falta memoria para la lista de archivos"), path);
}

/* path/name; NULL when memory is short. */
static char *join(const char *path, const char *name) {
    size_t a = strlen(path), b = strlen(name);
    char *both = malloc(a + b + 2);
    if (both) {
        memcpy(both, path, a);
        both[a] = '/';
        memcpy(both + a + 1, name, b + 1);
    }
    return both;
}

void nn_names_release(struct nn_names *names) {
    for (size_t i = 0; i < names->n; i++)
        free(names->name[i]);
    free(names->name);
    *names = (struct nn_names){0};
}

bool nn_names_have(const struct nn_names *names, const char *name) {
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return true;
    return false;
}

static bool is_number(const char *s) {
    return *s && strspn(s, "0123456789") == strlen(s);
}

static int by_name(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    bool nx = is_number(x), ny = is_number(y);
    if (nx != ny)
        return nx ? -1 : 1;
    if (nx && strlen(x + strspn(x, "0")) != strlen(y + strspn(y, "0")))
        return strlen(x + strspn(x, "0")) < strlen(y + strspn(y, "0")) ? -1 : 1;
    int order = nx ? strcmp(x + strspn(x, "0"), y + strspn(y, "0")) : 0;
    return order ? order : strcmp(x, y);
}

static bool printable(const char *s) {
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    return true;
}

/* Grows by doubling: room for one more. */
static bool make_room(void **items, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return true;
    size_t more = *cap ? 2 * *cap : 16;
    void *grown = realloc(*items, more * size);
    if (!grown)
        return false;
    *items = grown;
    *cap = more;
    return true;
}

static int add_name(struct nn_names *names, const char *path, const char *name,
                    struct err *e) {
    if (!printable(name))
        return err_set(e, ERR_FORMAT,
                       _("%s: el nombre de un archivo tiene caracteres de control"),
                       path);
    if (names->n >= NN_FOLDER_MAX_FILES)
        return err_set(e, ERR_RANGE, _("%s: hay más de %d archivos"), path,
                       NN_FOLDER_MAX_FILES);
    void *items = names->name;
    char *copy = copy_text(name);
    bool ok = copy && make_room(&items, names->n, &names->cap, sizeof *names->name);
    names->name = items;
    if (!ok) {
        free(copy);
        return no_memory(path, e);
    }
    names->name[names->n++] = copy;
    return 0;
}

/* What the entry is, a link followed: 'd' folder, 'f' file, 0 anything else. */
static int kind_of(const char *path, const struct dirent *entry, char *kind,
                   struct err *e) {
    struct stat st;
    *kind = entry->d_type == DT_DIR ? 'd' : entry->d_type == DT_REG ? 'f' : 0;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return 0;
    char *full = join(path, entry->d_name);
    if (!full)
        return no_memory(path, e);
    if (stat(full, &st) == 0)
        *kind = S_ISDIR(st.st_mode) ? 'd' : S_ISREG(st.st_mode) ? 'f' : 0;
    free(full);
    return 0;
}

int nn_names_read(struct nn_names *names, const char *path, bool folders, struct err *e) {
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOMEM
                   ? no_memory(path, e)
                   : err_set(e, ERR_IO, _("%s: no se puede abrir la carpeta: %s"), path,
                             os_reason(errno));
    int rc = 0;
    const struct dirent *entry;
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        char kind = 0;
        if (entry->d_name[0] == '.')
            continue;
        rc = kind_of(path, entry, &kind, e);
        if (rc == 0 && kind == (folders ? 'd' : 'f'))
            rc = add_name(names, path, entry->d_name, e);
    }
    (void)closedir(dir);
    if (names->n > 1)
        qsort(names->name, names->n, sizeof *names->name, by_name);
    return rc;
}

/* ---- the pictures */

void nn_folder_list_release(struct nn_folder_list *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->file[i].path);
    free(l->file);
    nn_names_release(&l->classes);
    *l = (struct nn_folder_list){0};
}

static bool is_png(const char *name) {
    size_t n = strlen(name);
    return n > 4 && strcasecmp(name + n - 4, ".png") == 0;
}

static int add_file(struct nn_folder_list *l, const char *folder, const char *name,
                    int32_t label, struct err *e) {
    if (l->n >= NN_FOLDER_MAX_FILES)
        return err_set(e, ERR_RANGE, _("%s: hay más de %d archivos"), folder,
                       NN_FOLDER_MAX_FILES);
    void *items = l->file;
    char *path = join(folder, name);
    bool ok = path && make_room(&items, l->n, &l->cap, sizeof *l->file);
    l->file = items;
    if (!ok) {
        free(path);
        return no_memory(folder, e);
    }
    l->file[l->n++] = (struct nn_folder_file){path, label};
    return 0;
}

static int add_class(struct nn_folder_list *l, const char *path, size_t label,
                     struct err *e) {
    struct nn_names files = {0};
    size_t before = l->n;
    char *folder = join(path, l->classes.name[label]);
    int rc = folder ? nn_names_read(&files, folder, false, e) : no_memory(path, e);
    for (size_t i = 0; rc == 0 && i < files.n; i++) {
        if (is_png(files.name[i]))
            rc = add_file(l, folder, files.name[i], (int32_t)label, e);
        else
            l->skipped++;
    }
    if (rc == 0 && l->n == before)
        rc = err_set(e, ERR_NOTFOUND, _("%s: no hay imágenes PNG en esta clase"), folder);
    nn_names_release(&files);
    free(folder);
    return rc;
}

int nn_folder_list_read(struct nn_folder_list *l, const char *path, struct err *e) {
    int rc = nn_names_read(&l->classes, path, true, e);
    if (rc == 0 && l->classes.n == 0)
        rc = err_set(e, ERR_NOTFOUND,
                     _("%s: no hay subcarpetas; se espera una por clase con sus PNG"),
                     path);
    if (rc == 0 && l->classes.n > NN_MAX_CLASSES)
        rc = err_set(e, ERR_RANGE, _("%s: %zu clases superan el límite de %d"), path,
                     l->classes.n, NN_MAX_CLASSES);
    for (size_t k = 0; rc == 0 && k < l->classes.n; k++)
        rc = add_class(l, path, k, e);
    return rc;
}
