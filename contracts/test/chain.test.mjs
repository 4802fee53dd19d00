// SPDX-License-Identifier: MIT
// The committed artefacts on a real EVM, against ethers as an independent implementation:
//   - the ids that the contracts compute are the EIP-712 digests that wallets sign;
//   - the table in IEscrow.sol is what the contracts do: every step is tried by everyone, in every
//     state, before and after the deadline, and exactly the rows of the table get through.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import {
  AbiCoder,
  ContractFactory,
  HDNodeWallet,
  Interface,
  NonceManager,
  TypedDataEncoder,
  ZeroAddress,
  ZeroHash,
  hexlify,
  id as hashOfText,
  keccak256,
  randomBytes,
  toBeHex,
} from "ethers";
import { root, startAnvil } from "./anvil.mjs";

const PHRASE = "test test test test test test test test test test test junk";
const WINDOW = 3600;
const PRICE = 10n ** 18n;
const DIGESTS = 200;

const fields = (text) =>
  text.split(",").map((field) => ({ type: field.split(" ")[0], name: field.split(" ")[1] }));
const OFFER = {
  Offer: fields(
    "address seller,address buyer,address token,address arbiter,uint256 price," +
      "bytes32 contentHash,bytes32 keyHash,bytes32 cipherHash,uint256 deliverWithin," +
      "uint256 confirmWindow,uint256 validUntil,uint256 counter,uint256 salt",
  ),
};
const BID = {
  Bid: fields(
    "address provider,address requester,address token,address arbiter,uint256 price,uint256 bond," +
      "bytes32 jobHash,bytes32 peerId,uint256 submitWithin,uint256 confirmWindow," +
      "uint256 validUntil,uint256 counter,uint256 salt",
  ),
};
const RECEIPT = { Receipt: fields("bytes32 id,bytes32 resultHash,uint256 amount") };

const readJson = (file) => JSON.parse(fs.readFileSync(path.join(root, file), "utf8"));
const random = (type) => hexlify(randomBytes(type === "address" ? 20 : 32));
const randomTerms = (members) =>
  Object.fromEntries(members.map(({ type, name }) => [name, random(type)]));
const word = (value) => AbiCoder.defaultAbiCoder().encode(["bytes32"], [value]);

let anvil;
let people; // owner, payer, payee, arbiter, stranger
const markets = {};

function wallet(index) {
  return HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`);
}

async function deploy(name) {
  const { abi, bytecode, deployedBytecode } = readJson(`abi/${name}.json`);
  const owner = new NonceManager(people.owner.connect(anvil.provider));
  const contract = await new ContractFactory(abi, bytecode, owner).deploy(people.owner.address);
  await contract.waitForDeployment();
  const address = await contract.getAddress();
  const domain = { name, version: "1", chainId: 31337n, verifyingContract: address };
  return { contract, address, abi, domain, deployedBytecode, iface: new Interface(abi) };
}

before(async () => {
  anvil = await startAnvil();
  const names = ["owner", "payer", "payee", "arbiter", "stranger"];
  people = Object.fromEntries(names.map((name, index) => [name, wallet(index)]));
  markets.prompt = await deploy("PromptMarketplace");
  markets.compute = await deploy("ComputeRental");
});

after(() => anvil?.stop());

describe("ids and signatures", () => {
  test("the domain that a contract tells is the one that wallets sign under", async () => {
    for (const { contract, domain } of Object.values(markets)) {
      const [flags, name, version, chainId, verifyingContract] = await contract.eip712Domain();
      assert.equal(flags, "0x0f");
      assert.deepEqual({ name, version, chainId, verifyingContract }, domain);
      assert.equal(await contract.domainSeparator(), TypedDataEncoder.hashDomain(domain));
    }
  });

  test("the type hashes are those of the types", async () => {
    const hashOf = (types) => hashOfText(TypedDataEncoder.from(types).encodeType(Object.keys(types)[0]));
    assert.equal(await markets.prompt.contract.OFFER_TYPEHASH(), hashOf(OFFER));
    assert.equal(await markets.compute.contract.BID_TYPEHASH(), hashOf(BID));
    assert.equal(await markets.compute.contract.RECEIPT_TYPEHASH(), hashOf(RECEIPT));
  });

  test("an offer's id is its EIP-712 digest, for random terms", async () => {
    const { contract, domain } = markets.prompt;
    for (let i = 0; i < DIGESTS; i++) {
      const offer = randomTerms(OFFER.Offer);
      assert.equal(await contract.offerId(offer), TypedDataEncoder.hash(domain, OFFER, offer));
    }
  });

  test("a bid's id is its EIP-712 digest, for random terms", async () => {
    const { contract, domain } = markets.compute;
    for (let i = 0; i < DIGESTS; i++) {
      const bid = randomTerms(BID.Bid);
      assert.equal(await contract.bidId(bid), TypedDataEncoder.hash(domain, BID, bid));
    }
  });
});

// ---- the table ----------------------------------------------------------------------------------

const CONTENT_KEY = hashOfText("content key");
const KEY = hashOfText("key");
const PAD = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [KEY, 0]));
const xor = (a, b) => toBeHex(BigInt(a) ^ BigInt(b), 32);
// A capsule that does not open to the content key, so that proveMismatch has something to prove.
const CAPSULE = xor(xor(CONTENT_KEY, PAD), toBeHex(1, 32));

let salt = 0;

function promptTerms(now) {
  return {
    seller: people.payee.address,
    buyer: people.payer.address,
    token: ZeroAddress,
    arbiter: people.arbiter.address,
    price: PRICE,
    contentHash: keccak256(word(CONTENT_KEY)),
    keyHash: keccak256(word(KEY)),
    cipherHash: keccak256(word(CAPSULE)),
    deliverWithin: WINDOW,
    confirmWindow: WINDOW,
    validUntil: now + WINDOW,
    counter: 0,
    salt: ++salt,
  };
}

function computeTerms(now) {
  return {
    provider: people.payee.address,
    requester: people.payer.address,
    token: ZeroAddress,
    arbiter: people.arbiter.address,
    price: PRICE,
    bond: 0,
    jobHash: hashOfText("job"),
    peerId: hashOfText("peer"),
    submitWithin: WINDOW,
    confirmWindow: WINDOW,
    validUntil: now + WINDOW,
    counter: 0,
    salt: ++salt,
  };
}

// What a deal needs for every step: the calls by the table's names, and its id.
async function dealOf(kind, terms) {
  const { domain, iface } = markets[kind];
  const types = kind === "prompt" ? OFFER : BID;
  const id = TypedDataEncoder.hash(domain, types, terms);
  const sig = await people.payee.signTypedData(domain, types, terms);
  const call = (name, ...args) => iface.encodeFunctionData(name, [terms, ...args]);
  const steps = {
    release: call("release"),
    refund: call("refund"),
    dispute: call("dispute", ZeroHash),
  };
  if (kind === "prompt") {
    steps.open = call("buy", sig, "0x");
    steps.deliver = call("deliver", KEY);
    steps.resolve = call("resolve", 5000, ZeroHash);
    steps.proveMismatch = call("proveMismatch", KEY, CAPSULE);
  } else {
    const receipt = { id, resultHash: hashOfText("result"), amount: PRICE };
    const receiptSig = await people.payer.signTypedData(domain, RECEIPT, receipt);
    steps.open = call("accept", sig, "0x");
    steps.deliver = call("submit", ZeroHash);
    steps.resolve = call("resolve", 5000, false, ZeroHash);
    steps.settle = call("settle", receipt.resultHash, receipt.amount, receiptSig);
  }
  return { kind, id, steps, validUntil: terms.validUntil };
}

function requestOf(deal, step, who) {
  return {
    from: people[who].address,
    to: markets[deal.kind].address,
    data: deal.steps[step],
    value: step === "open" ? toBeHex(PRICE) : "0x0",
    gas: "0x7a120",
  };
}

// anvil signs for these accounts itself, and may answer before the block is there. ethers would wait
// for a new height, which there is none of after a revert.
async function send(deal, step, who) {
  const hash = await anvil.provider.send("eth_sendTransaction", [requestOf(deal, step, who)]);
  for (let tries = 0; tries < 10_000; tries++) {
    const receipt = await anvil.provider.send("eth_getTransactionReceipt", [hash]);
    if (receipt !== null) return receipt.status === "0x1";
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`${step} by ${who} was not mined`);
}

async function perform(deal, step, who) {
  assert.ok(await send(deal, step, who), `${step} by ${who}`);
}

async function stateOf(deal) {
  const { contract } = markets[deal.kind];
  const [state, deadline] = await contract.stateOf(deal.id);
  return { state: Number(state), deadline: Number(deadline) };
}

async function mineAt(timestamp) {
  await anvil.provider.send("evm_setNextBlockTimestamp", [timestamp]);
  await anvil.provider.send("evm_mine", []);
}

async function latestTime() {
  return (await anvil.provider.getBlock("latest")).timestamp;
}

// The state that the step leads to, or null where the contract refuses it. The chain is put back.
async function attempt(deal, step, who) {
  const snapshot = await anvil.provider.send("evm_snapshot", []);
  // The transaction is in a block of the same second as the latest, which is the boundary itself.
  await anvil.provider.send("evm_setNextBlockTimestamp", [await latestTime()]);
  const through = await send(deal, step, who);
  const { state } = await stateOf(deal);
  await anvil.provider.send("evm_revert", [snapshot]);
  return through ? state : null;
}

const WAYS = {
  None: [],
  Funded: [["open", "payer"]],
  Delivered: [["open", "payer"], ["deliver", "payee"]],
  Disputed: [["open", "payer"], ["deliver", "payee"], ["dispute", "payer"]],
  Released: [["open", "payer"], ["release", "payer"]],
  Refunded: [["open", "payer"], ["refund", "payee"]],
  Resolved: [["open", "payer"], ["deliver", "payee"], ["dispute", "payer"], ["resolve", "arbiter"]],
};

function expected(rows, kind, from, step, who, late) {
  const fits = (row) =>
    row.state === from &&
    row.step === step &&
    (row.market === "both" || row.market === kind) &&
    (row.who === who || row.who === "anyone") &&
    (row.time === "any" || (row.time === "late") === late);
  return rows.find(fits)?.next ?? null;
}

describe("the table of the state machine", () => {
  const { states, rows } = readJson("abi/transitions.json");

  for (const kind of ["prompt", "compute"]) {
    for (const from of states) {
      test(`${kind}: from ${from} exactly the table's steps get through`, async () => {
        const termsOf = kind === "prompt" ? promptTerms : computeTerms;
        const deal = await dealOf(kind, termsOf(await latestTime()));
        for (const [step, who] of WAYS[from]) await perform(deal, step, who);
        const { state, deadline } = await stateOf(deal);
        assert.equal(states[state], from);
        const boundary = deadline || (from === "None" ? deal.validUntil : (await latestTime()) + WINDOW);
        for (const late of [false, true]) {
          await mineAt(boundary + Number(late));
          for (const step of Object.keys(deal.steps)) {
            for (const who of Object.keys(people)) {
              const next = await attempt(deal, step, who);
              const want = expected(rows, kind, from, step, who, late);
              const got = next === null ? null : states[next];
              assert.equal(got, want, `${step} by ${who}, ${late ? "late" : "at the deadline"}`);
            }
          }
        }
      });
    }
  }

  test("the contract's states have the numbers of the table", () => {
    const { abi } = readJson("abi/PromptMarketplace.json");
    const settled = abi.find((entry) => entry.name === "Settled");
    assert.equal(settled.inputs[1].internalType, "enum IEscrow.State");
    assert.deepEqual(states.slice(0, 4), ["None", "Funded", "Delivered", "Disputed"]);
    assert.deepEqual(states.slice(4), ["Released", "Refunded", "Resolved"]);
  });
});

describe("a sale from end to end", () => {
  test("the buyer recovers the content key from the log and its capsule", async () => {
    const { contract, iface, address } = markets.prompt;
    const capsule = xor(CONTENT_KEY, PAD);
    const terms = { ...promptTerms(await latestTime()), cipherHash: keccak256(word(capsule)) };
    const deal = await dealOf("prompt", terms);
    const before = await contract.credit(ZeroAddress, people.owner.address);
    await perform(deal, "open", "payer");
    await perform(deal, "deliver", "payee");
    const [entry] = await anvil.provider.getLogs({
      address,
      fromBlock: 0,
      topics: [iface.getEvent("Delivered").topicHash, deal.id],
    });
    const { what } = iface.parseLog(entry).args;
    const pad = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [what, 0]));
    assert.equal(keccak256(word(xor(capsule, pad))), terms.contentHash);
    await perform(deal, "release", "payer");
    const after = await contract.credit(ZeroAddress, people.owner.address);
    assert.equal(after - before, (PRICE * 3n) / 100n);
  });

  test("an error of the contract is found by the committed identifiers", async () => {
    const { errorIdentifiers } = readJson("abi/PromptMarketplace.json");
    const deal = await dealOf("prompt", promptTerms(await latestTime()));
    await perform(deal, "open", "payer");
    const request = requestOf(deal, "deliver", "stranger");
    await assert.rejects(anvil.provider.call(request), (error) => {
      assert.equal(error.data.slice(2, 10), errorIdentifiers["NotParty()"]);
      return true;
    });
  });
});
