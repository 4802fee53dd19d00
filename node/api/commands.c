/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of the command table. See command.h.
 */
#include "api/command.h"

#include <string.h>

/* clang-format off */

#define END { NULL, 0, false, false, NULL, NULL }
#define REQUIRED(name, type, help)        { name, SOUK_TYPE_##type, true,  false, help, NULL }
#define OPTIONAL(name, type, help)        { name, SOUK_TYPE_##type, false, false, help, NULL }
#define OPERAND(name, type, help)         { name, SOUK_TYPE_##type, true,  true,  help, NULL }
#define OPTIONAL_OPERAND(name, type, help){ name, SOUK_TYPE_##type, false, true,  help, NULL }
#define FIELD(name, type, help)           { name, SOUK_TYPE_##type, false, false, help, NULL }
#define NESTED(name, type, shape, help)   { name, SOUK_TYPE_##type, false, false, help, shape }
#define SHAPE(id, ...) \
  static const SoukShape shape_##id = { #id, (const SoukField[]){ __VA_ARGS__, END } }
#define ARGS(...) ((const SoukField[]){ __VA_ARGS__, END })
#define NO_ARGS ((const SoukField[]){ END })

/* ---- what replies are made of ---- */

SHAPE (Done,
  FIELD ("ok", BOOLEAN, "Always true: what went wrong comes as a problem document"));

SHAPE (NodeStatus,
  FIELD ("version", STRING, "Souk's version"),
  FIELD ("peer_id", STRING, "This node's libp2p peer id"),
  FIELD ("listen", STRINGS, "Multiaddrs that peers can dial"),
  FIELD ("api", STRING, "Where REST and WebSocket listen"),
  FIELD ("network", STRING, "The name of the network: which contracts on which chain"),
  FIELD ("coin", STRING, "What the chain's coin is called; absent without a chain"),
  FIELD ("peers", INTEGER, "Connected peers"),
  FIELD ("listings", INTEGER, "Listings in the catalogue"),
  FIELD ("jobs", INTEGER, "Jobs that this node asked for or runs, and that have not ended"),
  FIELD ("stored_bytes", INTEGER, "What the block store holds"),
  FIELD ("chain", STRING, "none, connecting, following or unreachable"),
  FIELD ("chain_block", INTEGER, "The newest block that was followed"),
  FIELD ("rss_bytes", INTEGER, "The program's resident memory"),
  FIELD ("started", TIME, "When the node was started"),
  FIELD ("ready_ms", INTEGER, "Milliseconds from the start to the API being ready"));

SHAPE (Listing,
  FIELD ("id", STRING, "The listing's id; it stays when the seller changes the listing"),
  FIELD ("title", STRING, "What it is"),
  FIELD ("description", STRING, "What it does and for whom"),
  FIELD ("category", STRING, "One word"),
  FIELD ("tags", STRINGS, "Words to find it by"),
  FIELD ("models", STRINGS, "Models it was written for"),
  FIELD ("sample", STRING, "A sample of what the prompt gives"),
  FIELD ("price", COINS, "In the chain's coin; \"0\" is free"),
  FIELD ("price_wei", WEI, "The same in the smallest unit"),
  FIELD ("seller", STRING, "The seller's peer id"),
  FIELD ("wallet", STRING, "Who is paid; absent when free"),
  FIELD ("cid", STRING, "The content, encrypted when it has a price"),
  FIELD ("size_bytes", INTEGER, "The content's size"),
  FIELD ("created", TIME, "When it was first published"),
  FIELD ("expires", TIME, "When it leaves the catalogue unless the seller renews it"),
  FIELD ("is_mine", BOOLEAN, "Whether this node sells it"),
  FIELD ("is_owned", BOOLEAN, "Whether this node has the text: bought, free and fetched, or its own"));

SHAPE (TimelineEntry,
  FIELD ("phase", STRING, "The phase that began"),
  FIELD ("time", TIME, "When it began"));

SHAPE (Order,
  FIELD ("id", STRING, "The order's id"),
  FIELD ("listing", STRING, "What is bought"),
  FIELD ("title", STRING, "The listing's title"),
  FIELD ("role", STRING, "buyer or seller"),
  FIELD ("counterparty", STRING, "The other side's peer id"),
  FIELD ("phase", STRING, "Where the order stands"),
  FIELD ("is_final", BOOLEAN, "Whether nothing more will happen"),
  FIELD ("sentence", STRING, "The phase in words, and what to do when it is a failure"),
  FIELD ("price", COINS, "What the buyer pays"),
  FIELD ("price_wei", WEI, "The same in the smallest unit"),
  FIELD ("fee_wei", WEI, "The 3 % of the contract's owner, rounded down"),
  FIELD ("net_wei", WEI, "What the seller gets"),
  FIELD ("gas_wei", WEI, "What this node spent on gas for this order"),
  FIELD ("deal", STRING, "The deal's id on the chain"),
  FIELD ("transactions", STRINGS, "Hashes of this node's transactions for the order"),
  FIELD ("deadline", TIME, "The next deadline"),
  FIELD ("then", STRING, "What happens by itself at the deadline"),
  FIELD ("created", TIME, "When it began"),
  NESTED ("timeline", ARRAY, &shape_TimelineEntry, "Every phase so far"));

SHAPE (Content,
  FIELD ("text", STRING, "The text"),
  FIELD ("cid", STRING, "Where it is stored"),
  FIELD ("size_bytes", INTEGER, "The text's size"));

SHAPE (Bid,
  FIELD ("provider", STRING, "The bidder's peer id"),
  FIELD ("price", COINS, "What it asks"),
  FIELD ("price_wei", WEI, "The same in the smallest unit"),
  FIELD ("score", NUMBER, "0 to 1, the weighed sum"),
  FIELD ("parts", OBJECT, "price, reliability, latency and locality, 0 to 1 each"),
  FIELD ("is_winner", BOOLEAN, "Whether it was chosen"),
  FIELD ("reason", STRING, "Why, in a sentence"));

SHAPE (Job,
  FIELD ("id", STRING, "The job's id"),
  FIELD ("title", STRING, "What the requester calls it"),
  FIELD ("role", STRING, "requester or provider"),
  FIELD ("phase", STRING, "Where the job stands"),
  FIELD ("is_final", BOOLEAN, "Whether nothing more will happen"),
  FIELD ("sentence", STRING, "The phase in words, and what to do when it is a failure"),
  FIELD ("failure", STRING, "The named failure of the job itself, such as killed-wall; absent when it ran"),
  FIELD ("module", STRING, "The module's CID"),
  FIELD ("max_price", COINS, "The most that the requester pays"),
  FIELD ("price", COINS, "The winner's price"),
  FIELD ("price_wei", WEI, "The same in the smallest unit"),
  FIELD ("fee_wei", WEI, "The 3 % of the contract's owner, rounded down"),
  FIELD ("net_wei", WEI, "What the provider gets"),
  FIELD ("gas_wei", WEI, "What this node spent on gas for this job"),
  FIELD ("requester", STRING, "The requester's peer id"),
  FIELD ("provider", STRING, "The winner's peer id"),
  FIELD ("attempt", INTEGER, "1 to 3"),
  FIELD ("progress", STRING, "The newest output line while it runs"),
  FIELD ("exit_code", INTEGER, "The program's exit status"),
  FIELD ("result_cid", STRING, "The result's CID"),
  FIELD ("fuel", INTEGER, "Units of work that the module used"),
  FIELD ("deal", STRING, "The deal's id on the chain"),
  FIELD ("transactions", STRINGS, "Hashes of this node's transactions for the job"),
  FIELD ("deadline", TIME, "The next deadline"),
  FIELD ("then", STRING, "What happens by itself at the deadline"),
  FIELD ("created", TIME, "When it was posted"),
  NESTED ("bids", ARRAY, &shape_Bid, "Every bid with its score"),
  NESTED ("timeline", ARRAY, &shape_TimelineEntry, "Every phase so far"));

SHAPE (JobResult,
  FIELD ("exit_code", INTEGER, "The program's exit status"),
  FIELD ("stdout", STRING, "What it wrote, as UTF-8; other bytes as U+FFFD"),
  FIELD ("stderr", STRING, "The same for standard error"),
  FIELD ("result_cid", STRING, "The directory of all outputs"),
  FIELD ("fuel", INTEGER, "Units of work that the module used"),
  FIELD ("wall_ms", INTEGER, "How long it ran"));

SHAPE (StoredContent,
  FIELD ("cid", STRING, "The root's CID"),
  FIELD ("size_bytes", INTEGER, "The content's size"));

SHAPE (Provider,
  FIELD ("enabled", BOOLEAN, "Whether this computer takes jobs"),
  FIELD ("state", STRING, "off, ready, busy or paused"),
  FIELD ("sentence", STRING, "Why, and what to do"),
  FIELD ("price", COINS, "What a job costs here"),
  FIELD ("jobs_max", INTEGER, "Jobs at a time"),
  FIELD ("memory_mb", INTEGER, "The most memory that a job gets"),
  FIELD ("wall_ms", INTEGER, "The longest that a job may run"),
  FIELD ("on_battery", BOOLEAN, "Whether jobs run while on battery"),
  FIELD ("on_metered", BOOLEAN, "Whether jobs run on a metered network"),
  FIELD ("running", INTEGER, "Jobs that run now"),
  FIELD ("earned_wei", WEI, "What jobs have brought so far"));

SHAPE (Peer,
  FIELD ("peer_id", STRING, "Who"),
  FIELD ("address", STRING, "The connection's remote address"),
  FIELD ("direction", STRING, "inbound or outbound"),
  FIELD ("agent", STRING, "The program it says it is"),
  FIELD ("protocols", STRINGS, "What it speaks"),
  FIELD ("rtt_us", INTEGER, "The last ping, in microseconds"),
  FIELD ("connected", TIME, "Since when"),
  FIELD ("received_bytes", INTEGER, "From it"),
  FIELD ("sent_bytes", INTEGER, "To it"));

SHAPE (Wallet,
  FIELD ("address", STRING, "This node's account"),
  FIELD ("balance", COINS, "What it holds"),
  FIELD ("balance_wei", WEI, "The same in the smallest unit"),
  FIELD ("credit_wei", WEI, "What waits in the contracts to be withdrawn"),
  FIELD ("chain_id", INTEGER, "The chain"),
  FIELD ("chain", STRING, "none, connecting, following or unreachable"),
  FIELD ("marketplace", STRING, "PromptMarketplace's address"),
  FIELD ("rental", STRING, "ComputeRental's address"));

SHAPE (Transaction,
  FIELD ("hash", STRING, "Its hash"),
  FIELD ("nonce", INTEGER, "Its place in the account's order"),
  FIELD ("state", STRING, "stored, sent, included, confirmed, failed or replaced"),
  FIELD ("purpose", STRING, "What for, in words"),
  FIELD ("to", STRING, "The contract"),
  FIELD ("value_wei", WEI, "What it carries"),
  FIELD ("gas_wei", WEI, "What it cost; absent until it is in a block"),
  FIELD ("block", INTEGER, "The block it is in"),
  FIELD ("created", TIME, "When it was stored"));

SHAPE (LogRecord,
  FIELD ("sequence", INTEGER, "Counts up; ask for what came since"),
  FIELD ("time", TIME, "When"),
  FIELD ("level", STRING, "debug, info, notice, warning or error"),
  FIELD ("area", STRING, "The part of the program"),
  FIELD ("event", STRING, "A stable name"),
  FIELD ("message", STRING, "A sentence"),
  FIELD ("fields", OBJECT, "Who, what, how much"));

SHAPE (Token,
  FIELD ("token", STRING, "Shown once; send it as \"Authorization: Bearer …\""),
  FIELD ("scopes", STRINGS, "What it allows"),
  FIELD ("name", STRING, "What it is for"));

/* ---- the rows ---- */

#define ID(what) OPERAND ("id", STRING, what)
#define PAGE OPTIONAL ("limit", INTEGER, "At most so many (default 100, at most 1000)"), \
             OPTIONAL ("offset", INTEGER, "Skip so many")

static const SoukCommand rows[] = {
  { "node.status", "node", "status", "GET", "/node/status", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_NodeStatus, NO_ARGS,
    "Shows how the node is." },

  { "prompt.list", "prompt", "list", "GET", "/prompts", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_LIST, &shape_Listing,
    ARGS (OPTIONAL_OPERAND ("query", STRING, "Words to search for"),
          OPTIONAL ("category", STRING, "Only this category"),
          OPTIONAL ("max_price", COINS, "Only what costs at most this"),
          OPTIONAL ("mine", BOOLEAN, "Only what this node sells"), PAGE),
    "Searches the catalogue." },
  { "prompt.show", "prompt", "show", "GET", "/prompts/{id}", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Listing, ARGS (ID ("The listing")),
    "Shows one listing." },
  { "prompt.upload", "prompt", "publish", "POST", "/prompts/upload", SOUK_SCOPE_OPERATE,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Listing,
    ARGS (REQUIRED ("title", STRING, "What it is, at most 120 bytes"),
          REQUIRED ("content", STRING, "The prompt itself, at most 4 MiB; on the command line @FILE reads a file"),
          OPTIONAL ("description", STRING, "What it does and for whom"),
          OPTIONAL ("category", STRING, "One word (default: other)"),
          OPTIONAL ("tags", STRINGS, "Words to find it by"),
          OPTIONAL ("models", STRINGS, "Models it was written for"),
          OPTIONAL ("sample", STRING, "A sample of what it gives; everyone sees it"),
          OPTIONAL ("price", COINS, "In the chain's coin (default: 0, free)")),
    "Publishes a prompt: encrypts it when it has a price, stores it, signs and announces its listing." },
  { "prompt.withdraw", "prompt", "withdraw", "DELETE", "/prompts/{id}", SOUK_SCOPE_OPERATE,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Done, ARGS (ID ("The listing")),
    "Takes one of this node's listings from the market." },
  { "prompt.purchase", "prompt", "purchase", "POST", "/prompts/{id}/purchase", SOUK_SCOPE_SPEND,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Order,
    ARGS (ID ("The listing"),
          OPTIONAL ("max_price", COINS, "Refuse when it costs more by now")),
    "Buys a prompt, or fetches it when it is free." },
  { "prompt.content", "prompt", "content", "GET", "/prompts/{id}/content", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Content, ARGS (ID ("The listing")),
    "Gives the text of a prompt that this node has." },

  { "order.list", "order", "list", "GET", "/orders", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_LIST, &shape_Order,
    ARGS (OPTIONAL ("role", STRING, "buyer or seller"), PAGE),
    "Lists purchases and sales, newest first." },
  { "order.show", "order", "show", "GET", "/orders/{id}", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Order, ARGS (ID ("The order")),
    "Shows one order with its timeline." },

  { "compute.request", "job", "request", "POST", "/compute/request", SOUK_SCOPE_SPEND,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Job,
    ARGS (REQUIRED ("module", STRING, "The CID of a WASI preview 1 module; on the command line @FILE adds a file first"),
          OPTIONAL ("title", STRING, "What you call it"),
          OPTIONAL ("args", STRINGS, "The program's arguments"),
          OPTIONAL ("env", STRINGS, "Its environment, NAME=VALUE each"),
          OPTIONAL ("stdin", STRING, "Text for its standard input"),
          OPTIONAL ("input", STRING, "The CID of its standard input, instead of text"),
          OPTIONAL ("files", STRINGS, "PATH=CID each: files that it finds in its file system"),
          OPTIONAL ("max_price", COINS, "The most you pay (default: 0, free providers only)"),
          OPTIONAL ("memory_mb", INTEGER, "Memory limit (default 256)"),
          OPTIONAL ("wall_ms", INTEGER, "Time limit (default 60000)"),
          OPTIONAL ("output_bytes", INTEGER, "Output limit (default 1048576)"),
          OPTIONAL ("fuel", INTEGER, "Work limit in fuel units (default: none)"),
          OPTIONAL ("deterministic", BOOLEAN, "Virtual clock, seeded randomness"),
          OPTIONAL ("bid_window_ms", INTEGER, "How long bids are gathered (default 3000)")),
    "Asks the market to run a job." },
  { "compute.list", "job", "list", "GET", "/compute/jobs", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_LIST, &shape_Job,
    ARGS (OPTIONAL ("role", STRING, "requester or provider"), PAGE),
    "Lists jobs, newest first." },
  { "compute.show", "job", "show", "GET", "/compute/jobs/{id}", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Job, ARGS (ID ("The job")),
    "Shows one job with its bids and timeline." },
  { "compute.result", "job", "result", "GET", "/compute/jobs/{id}/result", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_JobResult, ARGS (ID ("The job")),
    "Gives what a job printed." },
  { "compute.cancel", "job", "cancel", "DELETE", "/compute/jobs/{id}", SOUK_SCOPE_OPERATE,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Job, ARGS (ID ("The job")),
    "Cancels a job that has not been funded, or asks its provider to stop." },

  { "content.add", "content", "add", "POST", "/content", SOUK_SCOPE_OPERATE,
    SOUK_BODY_BYTES, SOUK_REPLY_OBJECT, &shape_StoredContent, NO_ARGS,
    "Stores a file and gives its CID, the one that `ipfs add --cid-version 1` gives." },
  { "content.get", "content", "get", "GET", "/content/{cid}", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_BYTES, NULL, ARGS (OPERAND ("cid", STRING, "The root's CID")),
    "Gives a file by its CID, fetching from peers what is not here." },

  { "provider.show", "provider", "show", "GET", "/provider", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Provider, NO_ARGS,
    "Shows whether and how this computer is shared." },
  { "provider.set", "provider", "set", "PUT", "/provider", SOUK_SCOPE_OPERATE,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Provider,
    ARGS (OPTIONAL ("enabled", BOOLEAN, "Share this computer, or stop"),
          OPTIONAL ("price", COINS, "What a job costs here"),
          OPTIONAL ("jobs_max", INTEGER, "Jobs at a time"),
          OPTIONAL ("memory_mb", INTEGER, "The most memory that a job gets"),
          OPTIONAL ("wall_ms", INTEGER, "The longest that a job may run"),
          OPTIONAL ("on_battery", BOOLEAN, "Run jobs while on battery"),
          OPTIONAL ("on_metered", BOOLEAN, "Run jobs on a metered network")),
    "Changes how this computer is shared; what is not named stays." },

  { "peer.list", "peers", "list", "GET", "/peers", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_LIST, &shape_Peer, NO_ARGS,
    "Lists the connected peers." },
  { "peer.connect", "peers", "connect", "POST", "/peers", SOUK_SCOPE_OPERATE,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Peer,
    ARGS (OPERAND ("address", STRING, "A multiaddr: /ip4/…/tcp/…/p2p/…")),
    "Dials a peer." },

  { "wallet.show", "wallet", "show", "GET", "/wallet", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Wallet, NO_ARGS,
    "Shows the account and its balance." },
  { "wallet.transactions", "wallet", "transactions", "GET", "/wallet/transactions", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_LIST, &shape_Transaction, ARGS (PAGE),
    "Lists this node's transactions, newest first." },

  { "log.list", "logs", "list", "GET", "/logs", SOUK_SCOPE_READ,
    SOUK_BODY_JSON, SOUK_REPLY_LIST, &shape_LogRecord,
    ARGS (OPTIONAL ("since", INTEGER, "Only records with a larger sequence"),
          OPTIONAL ("level", STRING, "This level and worse"),
          OPTIONAL ("area", STRING, "Only this part of the program"),
          OPTIONAL ("text", STRING, "Only records that contain this"),
          OPTIONAL ("limit", INTEGER, "The newest so many (default 100, at most 2000)")),
    "Reads the newest log records." },

  { "token.create", "token", "create", "POST", "/tokens", SOUK_SCOPE_LOCAL_ONLY,
    SOUK_BODY_JSON, SOUK_REPLY_OBJECT, &shape_Token,
    ARGS (REQUIRED ("name", STRING, "What the token is for"),
          REQUIRED ("scopes", STRINGS, "Of: read, operate, spend")),
    "Makes a bearer token for another program." },
};

/* clang-format on */

const SoukCommand *
souk_commands (size_t *out_count)
{
  *out_count = sizeof rows / sizeof *rows;
  return rows;
}

const SoukCommand *
souk_command_find (const char *name)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp (rows[i].name, name) == 0)
      return &rows[i];
  return NULL;
}

const SoukCommand *
souk_command_find_words (const char *noun, const char *verb)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp (rows[i].noun, noun) == 0 && strcmp (rows[i].verb, verb) == 0)
      return &rows[i];
  return NULL;
}

const SoukField *
souk_command_arg (const SoukCommand *command, const char *name)
{
  for (const SoukField *arg = command->args; arg->name != NULL; arg++)
    if (strcmp (arg->name, name) == 0)
      return arg;
  return NULL;
}
