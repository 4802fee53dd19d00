// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Two markets, a token, and people with money: what every test starts from.

import {ComputeRental} from "../src/ComputeRental.sol";
import {IComputeRental} from "../src/interfaces/IComputeRental.sol";
import {IEscrow} from "../src/interfaces/IEscrow.sol";
import {IPromptMarketplace} from "../src/interfaces/IPromptMarketplace.sol";
import {PromptMarketplace} from "../src/PromptMarketplace.sol";
import {Token} from "./Doubles.sol";
import {MiniTest} from "./MiniTest.sol";

abstract contract Fixture is MiniTest {
    uint256 internal constant PAYEE_SECRET = 0xA11CE;
    uint256 internal constant PAYER_SECRET = 0xB0B;
    address internal constant COIN = address(0);
    address internal constant OWNER = address(0x0E7);
    address internal constant ARBITER = address(0xA4B);
    address internal constant STRANGER = address(0x57A);
    uint256 internal constant PRICE = 1 ether;
    uint256 internal constant FEE = 0.03 ether;
    uint256 internal constant BOND = 0.5 ether;
    uint256 internal constant WINDOW = 1 days;
    uint256 internal constant START = 1_800_000_000;

    // Full 32-byte values, since a zero byte of calldata costs less than another.
    bytes32 internal constant CONTENT_KEY = keccak256("content key");
    bytes32 internal constant KEY = keccak256("key of this buyer");
    bytes32 internal constant JOB = keccak256("job");
    bytes32 internal constant PEER = keccak256("peer");
    bytes32 internal constant RESULT = keccak256("result");
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes32 internal constant REASON = keccak256("reason");

    PromptMarketplace internal market;
    ComputeRental internal rental;
    Token internal token;
    address internal payee; // seller, provider
    address internal payer; // buyer, requester
    uint256 private _salt;

    function setUp() public virtual {
        vm.warp(START);
        payee = vm.addr(PAYEE_SECRET);
        payer = vm.addr(PAYER_SECRET);
        market = new PromptMarketplace(OWNER);
        rental = new ComputeRental(OWNER);
        token = new Token();
        _fund(payer);
        _fund(payee);
    }

    function _fund(address who) internal {
        vm.deal(who, 1000 ether);
        token.mint(who, 1000 ether);
        vm.startPrank(who);
        token.approve(address(market), type(uint256).max);
        token.approve(address(rental), type(uint256).max);
        vm.stopPrank();
    }

    function _later(uint256 elapsed) internal {
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    // ---- prompts --------------------------------------------------------------------------------

    function _hash(bytes32 word) internal pure returns (bytes32) {
        return keccak256(abi.encode(word));
    }

    function _capsule(bytes32 contentKey, bytes32 key) internal pure returns (bytes32) {
        return contentKey ^ keccak256(abi.encode(key, uint256(0)));
    }

    function _offer(address money) internal returns (IPromptMarketplace.Offer memory offer) {
        offer.seller = payee;
        offer.buyer = payer;
        offer.token = money;
        offer.arbiter = ARBITER;
        offer.price = PRICE;
        offer.contentHash = _hash(CONTENT_KEY);
        offer.keyHash = _hash(KEY);
        offer.cipherHash = _hash(_capsule(CONTENT_KEY, KEY));
        offer.deliverWithin = WINDOW;
        offer.confirmWindow = WINDOW;
        offer.validUntil = vm.getBlockTimestamp() + 1 hours;
        offer.salt = ++_salt;
    }

    function _listing(address money) internal returns (IPromptMarketplace.Offer memory offer) {
        offer = _offer(money);
        offer.buyer = address(0);
        offer.keyHash = 0;
        offer.cipherHash = 0;
    }

    function _signOffer(IPromptMarketplace.Offer memory offer)
        internal
        view
        returns (bytes memory)
    {
        return signed(PAYEE_SECRET, market.offerId(offer));
    }

    function _buy(IPromptMarketplace.Offer memory offer) internal returns (bytes32 id) {
        bytes memory sig = _signOffer(offer);
        uint256 value = offer.token == COIN ? offer.price : 0;
        vm.prank(offer.buyer);
        id = market.buy{value: value}(offer, sig, "");
    }

    function _bought(address money) internal returns (IPromptMarketplace.Offer memory offer) {
        offer = _offer(money);
        _buy(offer);
    }

    function _delivered(address money) internal returns (IPromptMarketplace.Offer memory offer) {
        offer = _bought(money);
        vm.prank(payee);
        market.deliver(offer, KEY);
    }

    function _disputed(address money) internal returns (IPromptMarketplace.Offer memory offer) {
        offer = _delivered(money);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
    }

    function _stateIs(IPromptMarketplace.Offer memory offer, IEscrow.State want) internal view {
        (IEscrow.State state,) = market.stateOf(market.offerId(offer));
        vm.assertEq(uint256(state), uint256(want), "state of the sale");
    }

    // ---- compute --------------------------------------------------------------------------------

    function _bid(address money, uint256 bond) internal returns (IComputeRental.Bid memory bid) {
        bid.provider = payee;
        bid.requester = payer;
        bid.token = money;
        bid.arbiter = ARBITER;
        bid.price = PRICE;
        bid.bond = bond;
        bid.jobHash = JOB;
        bid.peerId = PEER;
        bid.submitWithin = WINDOW;
        bid.confirmWindow = WINDOW;
        bid.validUntil = vm.getBlockTimestamp() + 1 hours;
        bid.salt = ++_salt;
    }

    function _accept(IComputeRental.Bid memory bid) internal returns (bytes32 id) {
        bytes memory sig = signed(PAYEE_SECRET, rental.bidId(bid));
        uint256 value = bid.token == COIN ? bid.price : 0;
        vm.prank(bid.requester);
        id = rental.accept{value: value}(bid, sig, "");
    }

    /// The bond is paid in for it first, so the provider has no credit left afterwards.
    function _accepted(address money, uint256 bond)
        internal
        returns (IComputeRental.Bid memory bid)
    {
        bid = _bid(money, bond);
        if (bond != 0) {
            vm.prank(payee);
            rental.deposit{value: money == COIN ? bond : 0}(money, bond, "");
        }
        _accept(bid);
    }

    function _submitted(address money, uint256 bond)
        internal
        returns (IComputeRental.Bid memory bid)
    {
        bid = _accepted(money, bond);
        vm.prank(payee);
        rental.submit(bid, RESULT);
    }

    function _contested(address money, uint256 bond)
        internal
        returns (IComputeRental.Bid memory bid)
    {
        bid = _submitted(money, bond);
        vm.prank(payer);
        rental.dispute(bid, EVIDENCE);
    }

    function _receipt(IComputeRental.Bid memory bid, bytes32 result, uint256 amount)
        internal
        view
        returns (bytes32)
    {
        bytes32 terms =
            keccak256(abi.encode(rental.RECEIPT_TYPEHASH(), rental.bidId(bid), result, amount));
        return keccak256(abi.encodePacked("\x19\x01", rental.domainSeparator(), terms));
    }

    function _stateIs(IComputeRental.Bid memory bid, IEscrow.State want) internal view {
        (IEscrow.State state,) = rental.stateOf(rental.bidId(bid));
        vm.assertEq(uint256(state), uint256(want), "state of the job");
    }

    // ---- money ----------------------------------------------------------------------------------

    function _permit(address spender, uint256 amount, uint256 deadline)
        internal
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 terms =
            keccak256(abi.encode(typeHash, payer, spender, amount, token.nonces(payer), deadline));
        return vm.sign(
            PAYER_SECRET, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), terms))
        );
    }

    function _wrongState(IEscrow.State state) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongState.selector, state));
    }

    function _tooEarly(uint256 until) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.TooEarly.selector, until));
    }

    function _tooLate(uint256 since) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.TooLate.selector, since));
    }
}
