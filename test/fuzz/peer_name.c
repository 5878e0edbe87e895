/* A peer's address as somebody typed it: the name that comes out is its own name, and holds nothing
 * that could reach another part of a URL. */
#include <stdlib.h>
#include <string.h>

#include <bc/http.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[256];
    char again[256];
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    if (bc_http_peer_name(name, text, NULL) == BC_OK) {
        require(bc_http_peer_name(again, name, NULL) == BC_OK && strcmp(name, again) == 0);
        const char *host = strncmp(name, "https://", 8) == 0 ? name + 8 : name;
        require(strpbrk(host, "/?#@\\ \t\r\n%") == NULL);
    }
    free(text);
    return 0;
}
