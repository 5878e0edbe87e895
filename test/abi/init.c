/* The initialisers of the public header, as C and as C++ (tools/check-headers.sh compiles this file
 * in both): each lists the members in order, and struct_size is the size of the structure. */
#include <bc/bc.h>

void check_initialisers(uint32_t sizes[9]);

void check_initialisers(uint32_t sizes[9])
{
    const bc_allocator allocator = BC_ALLOCATOR_INIT;
    const bc_clock clock = BC_CLOCK_INIT;
    const bc_log log = BC_LOG_INIT;
    const bc_store store = BC_STORE_INIT;
    const bc_transport transport = BC_TRANSPORT_INIT;
    const bc_options options = BC_OPTIONS_INIT;
    const bc_info info = BC_INFO_INIT;
    const bc_verification verification = BC_VERIFICATION_INIT;
    const bc_mine_options mine = BC_MINE_OPTIONS_INIT;
    sizes[0] = allocator.struct_size;
    sizes[1] = clock.struct_size;
    sizes[2] = log.struct_size;
    sizes[3] = store.struct_size;
    sizes[4] = transport.struct_size;
    sizes[5] = options.struct_size;
    sizes[6] = info.struct_size;
    sizes[7] = verification.struct_size;
    sizes[8] = mine.struct_size;
}
