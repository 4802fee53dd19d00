// SPDX-License-Identifier: GPL-3.0-or-later
// Makes eip712.json and chain-calls.json with ethers, an implementation that is not ours.
// Run once, in the repository: (cd contracts && npm ci) ; node tests/vectors/make-chain-vectors.mjs
// Numbers come from a fixed seed, so a second run gives the same files.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const contracts = process.env.SOUK_CONTRACTS ?? path.join(root, 'contracts');
const { ethers } = createRequire(path.join(contracts, 'package.json'))('ethers');

let state = ethers.id('souk chain vectors');
const word = () => (state = ethers.keccak256(state));
const address = () => ethers.getAddress('0x' + word().slice(26));
const number = (bits) => BigInt(word()) >> BigInt(256 - bits);

const OFFER = 'address seller,address buyer,address token,address arbiter,uint256 price,bytes32 contentHash,bytes32 keyHash,bytes32 cipherHash,uint256 deliverWithin,uint256 confirmWindow,uint256 validUntil,uint256 counter,uint256 salt';
const BID = 'address provider,address requester,address token,address arbiter,uint256 price,uint256 bond,bytes32 jobHash,bytes32 peerId,uint256 submitWithin,uint256 confirmWindow,uint256 validUntil,uint256 counter,uint256 salt';
const RECEIPT = 'bytes32 id,bytes32 resultHash,uint256 amount';
const fields = (text) => text.split(',').map((f) => ({ type: f.split(' ')[0], name: f.split(' ')[1] }));
const random = (text, i) => Object.fromEntries(fields(text).map(({ type, name }) => [name,
  type === 'address' ? (i % 3 === 1 && (name === 'token' || name === 'arbiter') ? ethers.ZeroAddress : address())
    : type === 'bytes32' ? word()
      : name === 'salt' ? number(256) : name === 'price' || name === 'bond' || name === 'amount' ? number(96) : number(32)]));
const plain = (value) => Object.fromEntries(Object.entries(value).map(([k, v]) => [k, typeof v === 'bigint' ? v.toString() : v]));

const digests = [];
for (let i = 0; i < 24; i++) {
  const [type, text, name] = [['Offer', OFFER, 'PromptMarketplace'], ['Bid', BID, 'ComputeRental'], ['Receipt', RECEIPT, 'ComputeRental']][i % 3];
  const domain = { name, version: '1', chainId: [31337n, 1n, 8453n, number(53)][i % 4], verifyingContract: address() };
  const message = random(text, i);
  const types = { [type]: fields(text) };
  digests.push({ type, chainId: domain.chainId.toString(), contract: domain.verifyingContract, message: plain(message),
    domainSeparator: ethers.TypedDataEncoder.hashDomain(domain), digest: ethers.TypedDataEncoder.hash(domain, types, message) });
}
fs.writeFileSync(path.join(root, 'tests/vectors/eip712.json'), JSON.stringify(digests, null, 1) + '\n');

const face = (name) => new ethers.Interface(JSON.parse(fs.readFileSync(path.join(contracts, `abi/${name}.json`), 'utf8')).abi);
const prompt = face('PromptMarketplace');
const compute = face('ComputeRental');
const signature = '0x' + '11'.repeat(32) + '22'.repeat(32) + '1b';
const a = { offer: random(OFFER, 0), bid: random(BID, 0), w1: word(), w2: word(), a1: address(), a2: address(), n1: number(128) };
const call = (i, name, ...args) => ({ name: `${i === prompt ? 'prompt' : 'compute'}.${name}`, data: i.encodeFunctionData(name, args) });
const calls = [
  call(prompt, 'buy', a.offer, signature, '0x'), call(prompt, 'deliver', a.offer, a.w1), call(prompt, 'release', a.offer),
  call(prompt, 'refund', a.offer), call(prompt, 'cancel', a.offer), call(prompt, 'dispute', a.offer, a.w1),
  call(prompt, 'resolve', a.offer, 2500, a.w1), call(prompt, 'proveMismatch', a.offer, a.w1, a.w2),
  call(compute, 'accept', a.bid, signature, '0x010203'), call(compute, 'submit', a.bid, a.w1),
  call(compute, 'settle', a.bid, a.w1, a.n1, signature), call(compute, 'release', a.bid), call(compute, 'refund', a.bid),
  call(compute, 'cancel', a.bid), call(compute, 'dispute', a.bid, a.w1), call(compute, 'resolve', a.bid, 2500, true, a.w1),
  call(prompt, 'withdraw', a.a1, a.a2), call(prompt, 'deposit', a.a1, a.n1, '0x'), call(prompt, 'bumpCounter'),
  call(prompt, 'stateOf', a.w1), call(prompt, 'credit', a.a1, a.a2), call(prompt, 'counter', a.a1), call(prompt, 'cancelled', a.w1),
  call(prompt, 'domainSeparator'), call(prompt, 'owner'),
];
const event = (i, name, ...args) => { const l = i.encodeEventLog(name, args); return { name, topics: l.topics, data: l.data }; };
const o = a.offer; const b = a.bid;
const events = [
  event(prompt, 'Bought', a.w1, o.buyer, o.seller, a.w2, o, 1234567890n), event(compute, 'Accepted', a.w1, b.requester, b.provider, b, 1234567890n),
  event(prompt, 'Delivered', a.w1, a.w2, 1234567890n), event(prompt, 'Disputed', a.w1, a.a1, a.w2, 1234567890n),
  event(prompt, 'Settled', a.w1, 6, a.a1, a.n1, 5n, 7n, a.w2), event(prompt, 'Credited', a.a1, a.a2, a.n1), event(prompt, 'Paid', a.a1, a.a2, a.n1),
  event(prompt, 'Withdrawn', a.a1, a.a2, o.seller, a.n1), event(prompt, 'Cancelled', a.a1, a.w1), event(prompt, 'CounterBumped', a.a1, a.n1),
  event(compute, 'BondReturned', a.w1, 5n, a.n1),
];
const errors = [...prompt.fragments, ...compute.fragments].filter((f) => f.type === 'error').map((f) => ({ name: f.name, selector: f.selector }))
  .filter((e, i, all) => all.findIndex((x) => x.name === e.name) === i).sort((x, y) => (x.name < y.name ? -1 : 1));
fs.writeFileSync(path.join(root, 'tests/vectors/chain-calls.json'), JSON.stringify({
  arguments: { offer: plain(a.offer), bid: plain(a.bid), w1: a.w1, w2: a.w2, a1: a.a1, a2: a.a2, n1: a.n1.toString(), signature }, calls, events, errors }, null, 1) + '\n');
console.log(`${digests.length} digests, ${calls.length} calls, ${events.length} events, ${errors.length} errors`);
