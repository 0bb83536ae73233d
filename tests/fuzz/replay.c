/*
 * replay.c: a fuzz target without the fuzzer: runs it on every file of its corpus,
 * tests/fuzz/TARGET (the program's name without _fuzz), or of the folders and files given. Prints
 * as cmocka does, so that tests/run-unit counts the files.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    long n = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    uint8_t *bytes = n >= 0 ? malloc((size_t)n + 1) : NULL;

    if (!bytes || fseek(f, 0, SEEK_SET) != 0 || fread(bytes, 1, (size_t)n, f) != (size_t)n) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    fclose(f);
    printf("[ RUN      ] %s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(bytes, (size_t)n);
    printf("[       OK ] %s\n", path);
    free(bytes);
    return 1;
}

static int run_path(const char *path)
{
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort), ran = 0;

    if (n < 0)
        return run_file(path);
    for (int i = 0; i < n; i++) {
        char file[4096];

        snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            ran += run_file(file);
        free(names[i]);
    }
    free(names);
    return ran;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    char corpus[4096];
    int ran = 0;

    snprintf(corpus, sizeof(corpus), "tests/fuzz/%.*s", (int)strcspn(name, "_"), name);
    if (argc == 1)
        ran = run_path(corpus);
    for (int i = 1; i < argc; i++)
        ran += run_path(argv[i]);
    printf("[==========] %d file(s)\n", ran);
    return ran ? 0 : 2;
}
