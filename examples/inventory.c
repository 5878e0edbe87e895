/* inventory: rules and a state of a program's own over a ledger. Depots share a ledger whose
 * transactions carry commands, "make 10 apples" and "give 4 apples", and each keeps the inventory
 * that follows from them: who has how many of what. Two depots part ways and meet again, and one
 * misses what happens while it is closed; each time its inventory comes out right.
 *
 * Against an installed libbc:
 *     cc -std=c11 -D_POSIX_C_SOURCE=200809L -o inventory inventory.c \
 *         $(pkg-config --cflags --libs libbc-sqlite libbc)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bc/bc.h>
#include <bc/sqlite.h>

enum { KEY_BYTES = 32, ITEM_BYTES = 16, PEOPLE = 5 };

/* ---- People ---- */

typedef struct person {
    const char *name;
    bc_key *key;
    uint8_t account[KEY_BYTES];
} person;

enum { ANN, BOB, CID, NORTH, SOUTH };

static person people[PEOPLE] = {
    {.name = "ann"}, {.name = "bob"}, {.name = "cid"}, {.name = "north"}, {.name = "south"}};

/* Any 32 bytes can receive. Nobody has a key for these, so what is paid here is gone. */
static const uint8_t warehouse[KEY_BYTES] = "the warehouse";

static const char *name_of(const uint8_t account[KEY_BYTES])
{
    for (int i = 0; i < PEOPLE; i++) {
        if (memcmp(people[i].account, account, KEY_BYTES) == 0) {
            return people[i].name;
        }
    }
    return "somebody";
}

static bc_status make_people(bc_error *error)
{
    bc_status status = BC_OK;
    for (int i = 0; i < PEOPLE && status == BC_OK; i++) {
        uint8_t seed[KEY_BYTES] = {0};
        /* Everybody can guess these keys. A real program uses bc_key_generate. */
        memcpy(seed, people[i].name, strlen(people[i].name));
        status = bc_key_from_seed(&people[i].key, seed, NULL, error);
        if (status == BC_OK) {
            bc_key_public(people[i].key, people[i].account);
        }
    }
    return status;
}

/* ---- Rules ----
 *
 * Every node must answer alike, so an answer follows from the arguments and from nothing else: not
 * from the inventory, which one depot may have and another not yet. What needs the inventory is
 * decided when a block is applied to it, below. */

static const char rules_name[] = "inventory example 1";
static const uint64_t count_most = 1000000; /* of one command */
static const uint64_t deposit = 50;

typedef struct command {
    uint32_t makes; /* 0: gives */
    uint64_t count;
    uint8_t item[ITEM_BYTES]; /* lowercase letters, then zeros */
} command;

/* Takes `word` and a space off the front. */
static int skip(const char **at, size_t *left, const char *word)
{
    size_t length = strlen(word);
    if (*left < length || memcmp(*at, word, length) != 0) {
        return 0;
    }
    *at += length;
    *left -= length;
    return 1;
}

/* "make COUNT ITEM" or "give COUNT ITEM", with one way to write each. 1 where `text` is such. */
static int read_command(command *out, const char *text, size_t length)
{
    *out = (command){0};
    if (skip(&text, &length, "make ")) {
        out->makes = 1;
    } else if (!skip(&text, &length, "give ")) {
        return 0;
    }
    if (length == 0 || *text == '0') {
        return 0;
    }
    for (; length > 0 && *text >= '0' && *text <= '9'; text++, length--) {
        out->count = out->count * 10 + (uint64_t)(*text - '0');
        if (out->count > count_most) {
            return 0;
        }
    }
    if (out->count == 0 || !skip(&text, &length, " ") || length == 0 || length > ITEM_BYTES) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 'a' || text[i] > 'z') {
            return 0;
        }
        out->item[i] = (uint8_t)text[i];
    }
    return 1;
}

static bc_status refuse(bc_error *error, const char *why)
{
    (void)snprintf(error->message, sizeof error->message, "%s", why);
    return BC_ERR_FORMAT;
}

/* A transaction moves coins alone, or carries a command. Making costs a coin a piece. */
static bc_status check_tx(void *context, const bc_tx *tx, uint64_t height, bc_error *error)
{
    static const uint8_t nobody[KEY_BYTES] = {0};
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    command wanted;
    (void)context;
    (void)height;
    bc_status status = bc_tx_get_fields(tx, &fields);
    if (status != BC_OK || fields.payload_length == 0) {
        return status;
    }
    if (!read_command(&wanted, (const char *)fields.payload, fields.payload_length)) {
        return refuse(error, "the payload is no command: make COUNT ITEM, or give COUNT ITEM");
    }
    if (wanted.makes && (memcmp(fields.recipient, warehouse, sizeof warehouse) != 0 ||
                         fields.amount < wanted.count)) {
        return refuse(error, "who makes something pays the warehouse a coin a piece");
    }
    if (!wanted.makes && memcmp(fields.recipient, nobody, sizeof nobody) == 0) {
        return refuse(error, "something is given to nobody");
    }
    return BC_OK;
}

/* Whoever makes a block keeps a deposit: the account that it rewards held one before it.
 *
 * Choose such rules with care. A block that breaks one is made in vain, so let it hang on nothing
 * that other people's waiting transactions could bring into your block. */
static bc_status check_block(void *context, const bc_block *block, uint64_t height,
                             const bc_state *parent, bc_error *error)
{
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    bc_tx *reward = NULL;
    uint64_t balance = 0;
    (void)context;
    (void)height;
    bc_status status = bc_block_tx(block, &reward, 0, error);
    if (status == BC_OK) {
        status = bc_tx_get_fields(reward, &fields);
    }
    if (status == BC_OK) {
        status = bc_state_account(parent, &balance, NULL, fields.recipient, error);
    }
    if (status == BC_OK && balance < deposit) {
        status = refuse(error, "who makes a block holds a deposit of 50 coins");
    }
    bc_tx_unref(reward);
    return status;
}

static const bc_host_rules rules = {.struct_size = sizeof(bc_host_rules),
                                    .name = rules_name,
                                    .check_tx = check_tx,
                                    .check_block = check_block};

/* ---- The inventory ----
 *
 * It follows from the blocks of the best chain alone. A command that cannot be done, since the giver
 * has too little, is on the chain all the same and changes nothing. So that a block can be undone,
 * the inventory remembers of the last blocks which of their commands were done. */

enum {
    ENTRIES_MOST = 64,
    UNDO_BLOCKS = 16,
    LAYOUT = 1, /* of the struct below, which is kept as it lies in memory */
};

typedef struct entry {
    uint8_t key[KEY_BYTES + ITEM_BYTES]; /* the owner's account, the item */
    uint64_t count;                      /* at least 1 */
} entry;

typedef struct inventory {
    uint64_t layout;           /* LAYOUT, in the byte order of the machine that wrote it */
    uint8_t last[BC_ID_BYTES]; /* the block behind which it stands; zero before the first */
    uint64_t undoable;         /* so many blocks, that one included, can be undone */
    /* By height modulo UNDO_BLOCKS. Bit i: transaction i was done. The network's block_bytes leave room
     * for 50 of them. */
    uint64_t done[UNDO_BLOCKS];
    uint64_t entry_count;
    entry entries[ENTRIES_MOST]; /* sorted by key, so that equal inventories are equal bytes */
} inventory;

_Static_assert(sizeof(inventory) <= BC_VALUE_BYTES_MAX, "it fits a value of the chain's store");

static const inventory nothing = {.layout = LAYOUT};
static const char value_name[] = "inventory";

static void entry_key(uint8_t key[KEY_BYTES + ITEM_BYTES], const uint8_t *owner,
                      const command *item)
{
    memcpy(key, owner, KEY_BYTES);
    memcpy(key + KEY_BYTES, item->item, ITEM_BYTES);
}

/* Where the key stands, or belongs. */
static size_t find(const inventory *at, const uint8_t key[KEY_BYTES + ITEM_BYTES])
{
    size_t place = 0;
    while (place < at->entry_count &&
           memcmp(at->entries[place].key, key, sizeof at->entries[place].key) < 0) {
        place++;
    }
    return place;
}

static int is_there(const inventory *at, size_t place, const uint8_t key[KEY_BYTES + ITEM_BYTES])
{
    return place < at->entry_count &&
           memcmp(at->entries[place].key, key, sizeof at->entries[place].key) == 0;
}

/* 0 where there is no room. The sum cannot overflow: each piece cost a coin. */
static int put(inventory *at, const uint8_t *owner, const command *item)
{
    entry new_entry = {.count = 0};
    entry_key(new_entry.key, owner, item);
    size_t place = find(at, new_entry.key);
    if (!is_there(at, place, new_entry.key)) {
        if (at->entry_count == ENTRIES_MOST) {
            return 0;
        }
        memmove(&at->entries[place + 1], &at->entries[place],
                (at->entry_count - place) * sizeof(entry));
        at->entries[place] = new_entry;
        at->entry_count++;
    }
    at->entries[place].count += item->count;
    return 1;
}

/* 0 where the owner has too little. */
static int take(inventory *at, const uint8_t *owner, const command *item)
{
    uint8_t key[KEY_BYTES + ITEM_BYTES];
    entry_key(key, owner, item);
    size_t place = find(at, key);
    if (!is_there(at, place, key) || at->entries[place].count < item->count) {
        return 0;
    }
    at->entries[place].count -= item->count;
    if (at->entries[place].count == 0) {
        at->entry_count--;
        memmove(&at->entries[place], &at->entries[place + 1],
                (at->entry_count - place) * sizeof(entry));
    }
    return 1;
}

/* 1 where the command could be done. */
static int do_command(inventory *at, const command *wanted, const bc_tx_fields *tx)
{
    if (wanted->makes) {
        return put(at, tx->sender, wanted);
    }
    if (!take(at, tx->sender, wanted)) {
        return 0;
    }
    if (!put(at, tx->recipient, wanted)) {
        (void)put(at, tx->sender, wanted); /* where it was taken from there is room */
        return 0;
    }
    return 1;
}

/* What was done can be undone, newest first. */
static void undo_command(inventory *at, const command *done, const bc_tx_fields *tx)
{
    (void)take(at, done->makes ? tx->sender : tx->recipient, done);
    if (!done->makes) {
        (void)put(at, tx->sender, done);
    }
}

/* Does what transaction `index` of the block says, or undoes it; *mask tells what was done. */
static bc_status turn(inventory *at, const bc_block *block, size_t index, int connects,
                      uint64_t *mask, bc_error *error)
{
    bc_tx_fields fields = BC_TX_FIELDS_INIT;
    command wanted;
    bc_tx *tx = NULL;
    const uint64_t bit = UINT64_C(1) << index;
    bc_status status = bc_block_tx(block, &tx, index, error);
    if (status == BC_OK) {
        status = bc_tx_get_fields(tx, &fields);
    }
    if (status == BC_OK && fields.kind == BC_TX_SIGNED &&
        read_command(&wanted, (const char *)fields.payload, fields.payload_length)) {
        if (!connects && (*mask & bit) != 0) {
            undo_command(at, &wanted, &fields);
        } else if (connects && do_command(at, &wanted, &fields)) {
            *mask |= bit;
        }
    }
    bc_tx_unref(tx);
    return status;
}

static bc_status connect(inventory *at, const bc_block *block, uint64_t height, bc_error *error)
{
    uint64_t *mask = &at->done[height % UNDO_BLOCKS];
    bc_status status = BC_OK;
    *mask = 0;
    for (size_t i = 0; i < bc_block_tx_count(block) && status == BC_OK; i++) {
        status = turn(at, block, i, 1, mask, error);
    }
    bc_block_id(block, at->last);
    at->undoable += at->undoable < UNDO_BLOCKS;
    return status;
}

/* BC_ERR_NOT_FOUND where it is not known any more what the block had done. */
static bc_status disconnect(inventory *at, const bc_block *block, uint64_t height, bc_error *error)
{
    uint64_t *mask = &at->done[height % UNDO_BLOCKS];
    if (at->undoable == 0) {
        return BC_ERR_NOT_FOUND;
    }
    bc_status status = bc_block_parent(block, at->last);
    for (size_t i = bc_block_tx_count(block); i-- > 0 && status == BC_OK;) {
        status = turn(at, block, i, 0, mask, error);
    }
    at->undoable--;
    return status;
}

/* ---- A depot ---- */

typedef struct depot {
    const char *name;
    const uint8_t *account; /* holds the deposit */
    const char *file;       /* NULL: in memory */
    bc_chain *chain;
    inventory stock;
    uint32_t behind; /* 1: a change could not be applied; catch up before the stock is used */
} depot;

/* Hears of every block that joins the best chain or leaves it.
 *
 * The stock and the id of the last block that it holds are one value in the chain's own store, so the
 * two never disagree. It is written behind the block's own commit, and may be a step behind after a
 * crash: bc_chain_changes catches up. A larger state belongs into a database of the program's,
 * together with that id, in one transaction. */
static bc_status on_change(void *context, bc_chain *chain, const bc_event *event)
{
    depot *self = context;
    inventory next = self->stock;
    bc_block *block = NULL;
    const int connects = event->kind == BC_EVENT_CONNECT;
    if ((!connects && event->kind != BC_EVENT_DISCONNECT) || self->behind) {
        return BC_OK;
    }
    bc_status status = bc_chain_block(chain, &block, event->id, NULL);
    if (status == BC_OK) {
        status = connects ? connect(&next, block, event->height, NULL)
                          : disconnect(&next, block, event->height, NULL);
    }
    if (status == BC_OK) {
        status = bc_chain_set_value(chain, value_name, (const uint8_t *)&next, sizeof next, NULL);
    }
    if (status == BC_OK) {
        self->stock = next;
        (void)printf("    %s: block %" PRIu64 " %s\n", self->name, event->height,
                     connects ? "joins" : "leaves");
    }
    self->behind = status != BC_OK;
    bc_block_unref(block);
    return status;
}

/* From the block behind which the stock stands to the tip. */
static bc_status catch_up(depot *self, bc_error *error)
{
    static const uint8_t none[BC_ID_BYTES] = {0};
    const int begun = memcmp(self->stock.last, none, sizeof none) != 0;
    self->behind = 0;
    bc_status status =
        bc_chain_changes(self->chain, begun ? self->stock.last : NULL, on_change, self, error);
    if (status == BC_ERR_NOT_FOUND) { /* that block is gone, or too far back: begin anew */
        self->stock = nothing;
        self->behind = 0;
        status = bc_chain_changes(self->chain, NULL, on_change, self, error);
    }
    return status;
}

/* Without `keeps_stock` as a tool would that knows nothing of inventories. */
static bc_status depot_open(depot *self, bc_params *params, int keeps_stock, bc_error *error)
{
    bc_store store = BC_STORE_INIT;
    bc_options options = BC_OPTIONS_INIT;
    bc_buffer *saved = NULL;
    bc_status status = self->file != NULL ? bc_sqlite_store(&store, self->file, NULL, error)
                                          : bc_store_memory(&store, NULL, error);
    if (status != BC_OK) {
        return status;
    }
    options.store = &store;
    options.host_rules = &rules;
    options.event = keeps_stock ? on_change : NULL;
    options.event_context = self;
    options.max_reorg_depth = UNDO_BLOCKS;
    self->stock = nothing;
    status = bc_chain_open(&self->chain, params, &options, error);
    if (status != BC_OK || !keeps_stock) {
        return status;
    }
    status = bc_chain_value(self->chain, &saved, value_name, error);
    if (status == BC_OK && bc_buffer_length(saved) == sizeof self->stock) {
        memcpy(&self->stock, bc_buffer_data(saved), sizeof self->stock);
    }
    if (self->stock.layout != LAYOUT) { /* of another version or machine: begin anew */
        self->stock = nothing;
    }
    bc_buffer_unref(saved);
    return status == BC_OK || status == BC_ERR_NOT_FOUND ? catch_up(self, error) : status;
}

static bc_status depot_close(depot *self, bc_error *error)
{
    bc_status status = bc_chain_close(self->chain, error);
    self->chain = NULL;
    return status;
}

/* Signs a command and lets it wait for a block. What the rules refuse is printed and is no failure. */
static bc_status depot_offer(depot *self, int sender, const uint8_t *recipient, uint64_t coins,
                             const char *text, bc_error *error)
{
    bc_transfer transfer = BC_TRANSFER_INIT;
    uint32_t verdict = BC_VERDICT_NONE;
    uint32_t reason = BC_REASON_NONE;
    bc_tx *tx = NULL;
    transfer.amount = coins;
    transfer.recipient = recipient;
    transfer.payload = (const uint8_t *)text;
    transfer.payload_length = strlen(text);
    bc_status status =
        bc_chain_account(self->chain, NULL, NULL, &transfer.nonce, people[sender].account, error);
    if (status == BC_OK) {
        status =
            bc_tx_sign(&tx, bc_chain_params(self->chain), &transfer, people[sender].key, error);
    }
    if (status == BC_OK) {
        status = bc_chain_submit_tx(self->chain, &verdict, &reason, tx, error);
    }
    if (status == BC_OK) {
        (void)printf("  %s: %s says \"%s\": %s", self->name, people[sender].name, text,
                     bc_verdict_name(verdict));
        (void)printf(verdict == BC_VERDICT_INVALID ? " (%s), %s\n" : "\n", bc_reason_name(reason),
                     error->message);
    }
    bc_tx_unref(tx);
    return status;
}

/* One block of what waits. Where `to` is given it gets the block too. */
static bc_status depot_mine(depot *self, depot *to, bc_error *error)
{
    bc_mine_options options = BC_MINE_OPTIONS_INIT;
    bc_block *block = NULL;
    options.recipient = self->account;
    options.recipient_length = KEY_BYTES;
    bc_status status = bc_chain_mine(self->chain, &block, &options, error);
    if (status == BC_OK && to != NULL) {
        status = bc_chain_submit(to->chain, NULL, NULL, block, error);
    }
    bc_block_unref(block);
    return status;
}

/* Hands over the blocks from a height on, as a network would. */
static bc_status hand_over(depot *from, depot *to, uint64_t height, bc_error *error)
{
    uint64_t top = 0;
    bc_status status = bc_chain_tip(from->chain, &top, NULL, NULL);
    for (; status == BC_OK && height <= top; height++) {
        bc_block *block = NULL;
        uint32_t verdict = BC_VERDICT_NONE;
        status = bc_chain_block_at(from->chain, &block, height, error);
        if (status == BC_OK) {
            status = bc_chain_submit(to->chain, &verdict, NULL, block, error);
        }
        if (status == BC_OK) {
            (void)printf("  %s's block %" PRIu64 " at %s: %s\n", from->name, height, to->name,
                         bc_verdict_name(verdict));
        }
        bc_block_unref(block);
    }
    return status;
}

static bc_status print_stock(depot *self, bc_error *error)
{
    bc_info info = BC_INFO_INIT;
    bc_status status = self->behind ? catch_up(self, error) : BC_OK;
    if (status == BC_OK) {
        status = bc_chain_info(self->chain, &info);
    }
    if (status != BC_OK) {
        return status;
    }
    (void)printf("  %s at block %" PRIu64 ":", self->name, info.height);
    for (size_t i = 0; i < self->stock.entry_count; i++) {
        const entry *one = &self->stock.entries[i];
        (void)printf("%s %s has %" PRIu64 " %.*s", i == 0 ? "" : ",", name_of(one->key), one->count,
                     ITEM_BYTES, (const char *)one->key + KEY_BYTES);
    }
    (void)printf("; %" PRIu64 " waiting\n", info.mempool_count);
    return BC_OK;
}

static bc_status print_both(depot *first, depot *second, bc_error *error)
{
    bc_status status = print_stock(first, error);
    return status == BC_OK ? print_stock(second, error) : status;
}

static int same_stock(const inventory *one, const inventory *other)
{
    return one->entry_count == other->entry_count &&
           memcmp(one->entries, other->entries, one->entry_count * sizeof(entry)) == 0;
}

/* ---- The story ---- */

static int compare_accounts(const void *left, const void *right)
{
    return memcmp(left, right, KEY_BYTES);
}

/* Sealed by work that costs two attempts. Everybody begins with 100 coins, and there will be no
 * more. */
static bc_status make_network(bc_params **out, bc_error *error)
{
    uint8_t accounts[PEOPLE][KEY_BYTES];
    char json[1024];
    int length = snprintf(json, sizeof json,
                          "{\"rules\":\"ledger\",\"version\":1,\"name\":\"inventory\","
                          "\"time\":1767225600000,\"sealing\":\"work\",\"difficulty\":\"fixed\","
                          "\"bits\":545259519,\"limit\":545259519,\"initial\":0,\"halving\":1,"
                          "\"block_bytes\":8192,\"host_rules\":\"%s\",\"allocations\":[",
                          rules_name);
    for (int i = 0; i < PEOPLE; i++) {
        memcpy(accounts[i], people[i].account, KEY_BYTES);
    }
    qsort(accounts, PEOPLE, KEY_BYTES, compare_accounts); /* allocations ascend */
    for (int i = 0; i < PEOPLE; i++) {
        length += snprintf(json + length, sizeof json - (size_t)length, i == 0 ? "[\"" : ",[\"");
        for (int j = 0; j < KEY_BYTES; j++) {
            length += snprintf(json + length, sizeof json - (size_t)length, "%02x", accounts[i][j]);
        }
        length += snprintf(json + length, sizeof json - (size_t)length, "\",100]");
    }
    length += snprintf(json + length, sizeof json - (size_t)length, "]}");
    return bc_params_parse(out, json, (size_t)length, NULL, error);
}

static bc_status rules_refuse(depot *north, bc_error *error)
{
    bc_status status;
    bc_error refused = BC_ERROR_INIT;
    depot stranger = *north;
    stranger.account = warehouse;
    (void)puts("What the rules refuse:");
    if ((status = depot_offer(north, ANN, warehouse, 10, "make ten apples", error)) == BC_OK &&
        (status = depot_offer(north, ANN, warehouse, 9, "make 10 apples", error)) == BC_OK) {
        status = depot_mine(&stranger, NULL, &refused);
        (void)printf("  a block of one without a deposit: %s\n", refused.message);
        status = status == BC_ERR_FORMAT ? BC_OK : BC_ERR_HOST;
    }
    return status;
}

/* Ann gives her apples away twice; the ledger takes what stands on the longer branch. */
static bc_status they_part(depot *north, depot *south, bc_error *error)
{
    bc_status status;
    (void)puts("Ann makes apples, and both depots know:");
    if ((status = depot_offer(north, ANN, warehouse, 10, "make 10 apples", error)) != BC_OK ||
        (status = depot_mine(north, south, error)) != BC_OK) {
        return status;
    }
    (void)puts("They part. North hears of a gift, of one that cannot be, and of pears:");
    if ((status = depot_offer(north, ANN, people[BOB].account, 0, "give 4 apples", error)) !=
            BC_OK ||
        (status = depot_mine(north, NULL, error)) != BC_OK ||
        (status = depot_offer(north, BOB, people[ANN].account, 0, "give 9 apples", error)) !=
            BC_OK ||
        (status = depot_offer(north, BOB, warehouse, 2, "make 2 pears", error)) != BC_OK ||
        (status = depot_mine(north, NULL, error)) != BC_OK) {
        return status;
    }
    (void)puts("South hears of another gift, and makes more blocks:");
    if ((status = depot_offer(south, ANN, people[CID].account, 0, "give 7 apples", error)) !=
        BC_OK) {
        return status;
    }
    for (int i = 0; i < 3 && status == BC_OK; i++) {
        status = depot_mine(south, NULL, error);
    }
    return status;
}

static bc_status they_meet(depot *north, depot *south, bc_error *error)
{
    bc_status status;
    (void)puts("Before they meet:");
    if ((status = print_both(north, south, error)) != BC_OK) {
        return status;
    }
    (void)puts("They meet; the branch with most work stays:");
    if ((status = hand_over(south, north, 2, error)) != BC_OK) {
        return status;
    }
    (void)puts("After it; what Bob said waits again, and Ann's first gift is void:");
    if ((status = print_both(north, south, error)) != BC_OK) {
        return status;
    }
    (void)puts("The next block holds Bob's pears again:");
    status = depot_mine(north, south, error);
    return status == BC_OK ? print_both(north, south, error) : status;
}

/* While north keeps no stock, its last block gives way. */
static bc_status north_sleeps(depot *north, depot *south, bc_params *params, bc_error *error)
{
    bc_status status;
    (void)puts("North makes a block alone, in which Cid gives apples to Bob, and closes:");
    if ((status = depot_offer(north, CID, people[BOB].account, 0, "give 5 apples", error)) !=
            BC_OK ||
        (status = depot_mine(north, NULL, error)) != BC_OK ||
        (status = print_stock(north, error)) != BC_OK ||
        (status = depot_close(north, error)) != BC_OK) {
        return status;
    }
    (void)puts("South makes two, which reach north's file while nobody looks after its stock:");
    if ((status = depot_offer(south, CID, people[ANN].account, 0, "give 1 apples", error)) !=
            BC_OK ||
        (status = depot_mine(south, NULL, error)) != BC_OK ||
        (status = depot_mine(south, NULL, error)) != BC_OK ||
        (status = depot_open(north, params, 0, error)) != BC_OK ||
        (status = hand_over(south, north, 6, error)) != BC_OK ||
        (status = depot_close(north, error)) != BC_OK) {
        return status;
    }
    (void)puts("North opens again and is told what it missed:");
    status = depot_open(north, params, 1, error);
    return status == BC_OK ? print_both(north, south, error) : status;
}

static bc_status tell(depot *north, depot *south, bc_error *error)
{
    bc_params *params = NULL;
    bc_status status = make_people(error);
    north->account = people[NORTH].account;
    south->account = people[SOUTH].account;
    if (status == BC_OK && (status = make_network(&params, error)) == BC_OK &&
        (status = depot_open(north, params, 1, error)) == BC_OK &&
        (status = depot_open(south, params, 1, error)) == BC_OK &&
        (status = rules_refuse(north, error)) == BC_OK &&
        (status = they_part(north, south, error)) == BC_OK &&
        (status = they_meet(north, south, error)) == BC_OK) {
        status = north_sleeps(north, south, params, error);
    }
    bc_params_unref(params);
    return status;
}

/* A new folder, and the name of north's file in it. 0 where there is none. */
static int make_folder(char *folder, size_t size, char *file, size_t file_size)
{
    const char *place = getenv("TMPDIR");
    int length = snprintf(folder, size, "%s/inventory-XXXXXX", place != NULL ? place : "/tmp");
    if (length < 0 || (size_t)length >= size || mkdtemp(folder) == NULL) {
        return 0;
    }
    (void)snprintf(file, file_size, "%s/north.sqlite", folder);
    return 1;
}

int main(void)
{
    char folder[1024];
    char file[sizeof folder + sizeof "/north.sqlite"];
    depot north = {.name = "north", .file = file};
    depot south = {.name = "south"};
    bc_error error = BC_ERROR_INIT;
    if (!make_folder(folder, sizeof folder, file, sizeof file)) {
        perror("inventory: cannot make a folder");
        return 1;
    }
    bc_status status = tell(&north, &south, &error);
    if (status != BC_OK) {
        (void)fprintf(stderr, "inventory: %s: %s\n", bc_status_name(status), error.message);
    } else if (!same_stock(&north.stock, &south.stock)) {
        (void)fprintf(stderr, "inventory: the two inventories differ\n");
        status = BC_ERR_HOST;
    } else {
        (void)puts("Both inventories are the same.");
    }
    (void)bc_chain_close(north.chain, NULL);
    (void)bc_chain_close(south.chain, NULL);
    for (int i = 0; i < PEOPLE; i++) {
        bc_key_unref(people[i].key);
    }
    (void)unlink(file);
    (void)rmdir(folder);
    return status == BC_OK ? 0 : 1;
}
