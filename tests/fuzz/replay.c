/* replay.c: runs a fuzz target over the files of its corpus, without a fuzzer.
 *
 *     replay_wire tests/fuzz/corpus/wire [more folders or files] */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    struct stat st;
    uint8_t *data = NULL;
    int rc = fstat(fileno(f), &st);
    size_t size = rc ? 0 : (size_t)st.st_size;
    if (!rc)
        data = malloc(size + 1); /* exact in a sanitizer's eyes but for one byte */
    if (!data || fread(data, 1, size, f) != size) {
        fprintf(stderr, "%s: cannot be read\n", path);
        rc = 1;
    } else {
        LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    fclose(f);
    return rc;
}

static int replay_folder(const char *path, size_t *n) {
    DIR *d = opendir(path);
    if (!d) {
        ++*n;
        return replay_file(path);
    }
    int rc = 0;
    for (struct dirent *entry; (entry = readdir(d)) && !rc;) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        rc = replay_file(name);
        ++*n;
    }
    closedir(d);
    return rc;
}

int main(int argc, char **argv) {
    size_t n = 0;
    for (int i = 1; i < argc; i++)
        if (replay_folder(argv[i], &n))
            return 1;
    const char *name = strrchr(argv[0], '/');
    printf("%s: %zu inputs\n", name ? name + 1 : argv[0], n);
    if (n == 0)
        fprintf(stderr, "%s: no inputs\n", argc > 1 ? argv[1] : "no folder");
    return n == 0;
}
