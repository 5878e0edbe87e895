/* Makes a new key's file whose passphrase costs nothing to try, for tests that open one often:
 * cheap_key FILE PASSPHRASE. */
#include <stdio.h>
#include <string.h>

/* No library holds the examples' files. */
#include "examples/common/keystore.c"
#include "examples/common/keystore_file.c"
#include "examples/common/sentence.c"
#include "examples/common/text_file.c"

int main(int argc, char **argv)
{
    const keystore_cost least = {.passes = 1, .memory = 8192};
    uint8_t seed[KEYSTORE_SEED_BYTES];
    uint8_t file[KEYSTORE_BYTES];
    bc_error error = BC_ERROR_INIT;
    bc_key *key = NULL;
    if (argc != 3 || bc_key_generate(&key, seed, NULL, &error) != BC_OK ||
        keystore_seal(file, seed, argv[2], strlen(argv[2]), least, &error) != BC_OK ||
        keystore_file_write(argv[1], file, &error) != BC_OK) {
        (void)fprintf(stderr, "cheap_key: %s\n", argc != 3 ? "FILE PASSPHRASE" : error.message);
        return 1;
    }
    bc_key_unref(key);
    return 0;
}
