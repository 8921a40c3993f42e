/* filenames.c: reads the folder of a half-written path. */
#include "filenames.h"

#include "base/util.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

enum { ENTRIES_MAX = 10000 }; /* of a folder, so that Tab answers at once */

static bool is_folder(const char *path, const struct dirent *d) {
    struct stat st;
    if (d->d_type != DT_UNKNOWN && d->d_type != DT_LNK)
        return d->d_type == DT_DIR;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void cell_filenames(const char *typed, size_t len,
                    void (*offer)(void *ctx, const char *path, size_t n), void *ctx) {
    char path[PATH_MAX + NAME_MAX + 2];
    size_t cut = len;
    if (len >= PATH_MAX || memchr(typed, '\0', len))
        return;
    while (cut > 0 && typed[cut - 1] != '/')
        cut--;
    snprintf(path, sizeof path, "%.*s", (int)cut, typed);
    DIR *folder = opendir(cut ? path : ".");
    struct dirent *d;
    for (int i = 0; folder && i < ENTRIES_MAX && (d = readdir(folder)); i++) {
        size_t n = strlen(d->d_name);
        bool hidden = d->d_name[0] == '.' && (len == cut || typed[cut] != '.');
        bool self = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0;
        if (hidden || self || n < len - cut ||
            memcmp(d->d_name, typed + cut, len - cut) != 0)
            continue;
        int k = snprintf(path, sizeof path, "%.*s%s", (int)cut, typed, d->d_name);
        if (k > 0 && (size_t)k + 1 < sizeof path && is_folder(path, d))
            path[k++] = '/';
        offer(ctx, path, (size_t)k);
    }
    if (folder)
        closedir(folder);
}
