// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What holds for every amount, split, time and key.

import {IComputeRental} from "../src/interfaces/IComputeRental.sol";
import {IEscrow} from "../src/interfaces/IEscrow.sol";
import {IPromptMarketplace} from "../src/interfaces/IPromptMarketplace.sol";
import {Fixture} from "./Fixture.sol";

contract FuzzTest is Fixture {
    uint256 private constant MOST = type(uint128).max;

    /// Balances of the token, in which all amounts up to the largest are possible.
    uint256 private _payeeBefore;
    uint256 private _payerBefore;

    function setUp() public override {
        super.setUp();
        token.mint(payer, MOST);
        _payeeBefore = token.balanceOf(payee);
        _payerBefore = token.balanceOf(payer);
    }

    /// 97 % rounded up to the payee, 3 % rounded down to the owner, the rest to the payer, nothing left.
    function _splitIs(address escrow, uint256 price, uint256 gross) private view {
        uint256 fee = IEscrow(escrow).credit(address(token), OWNER);
        uint256 earned = token.balanceOf(payee) - _payeeBefore;
        vm.assertEq(fee, gross * 3 / 100, "fee is the floor of 3 %");
        vm.assertLe(fee * 100, gross * 3, "fee is never above 3 %");
        vm.assertEq(earned, gross - fee, "the payee has the rest of its part");
        vm.assertEq(_payerBefore - token.balanceOf(payer), gross, "the payer paid the part");
        vm.assertEq(token.balanceOf(escrow), fee, "only the fee is left");
        vm.assertTrue(gross <= price);
    }

    function testFuzz_a_release_splits_every_price(uint256 price) external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        offer.price = within(price, 1, MOST);
        _buy(offer);
        vm.prank(payer);
        market.release(offer);
        _splitIs(address(market), offer.price, offer.price);
    }

    function testFuzz_a_refund_returns_every_price(uint256 price) external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        offer.price = within(price, 1, MOST);
        _buy(offer);
        vm.prank(payee);
        market.refund(offer);
        _splitIs(address(market), offer.price, 0);
    }

    function testFuzz_a_ruling_splits_every_price(uint256 price, uint256 bps, bool silent)
        external
    {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        offer.price = within(price, 1, MOST);
        bps = within(bps, 0, 10_000);
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, KEY);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
        if (silent) _later(14 days + 1);
        vm.prank(silent ? STRANGER : ARBITER);
        market.resolve(offer, bps, REASON);
        _splitIs(address(market), offer.price, offer.price * (silent ? 5000 : bps) / 10_000);
    }

    function testFuzz_a_receipt_splits_every_price(uint256 price, uint256 amount) external {
        IComputeRental.Bid memory bid = _bid(address(token), 0);
        bid.price = within(price, 1, MOST);
        amount = within(amount, 0, bid.price);
        _accept(bid);
        bytes memory sig = signed(PAYER_SECRET, _receipt(bid, RESULT, amount));
        vm.prank(payee);
        rental.settle(bid, RESULT, amount, sig);
        _splitIs(address(rental), bid.price, amount);
    }

    function testFuzz_a_bond_goes_to_one_side_whole(uint256 bond, bool late) external {
        IComputeRental.Bid memory bid = _bid(COIN, within(bond, 1, 900 ether));
        vm.prank(payee);
        rental.deposit{value: bid.bond}(COIN, bid.bond, "");
        _accept(bid);
        if (late) _later(WINDOW + 1);
        vm.prank(payee);
        rental.refund(bid);
        vm.assertEq(rental.credit(COIN, payee), late ? 0 : bid.bond);
        vm.assertEq(rental.credit(COIN, payer), late ? bid.bond : 0);
        vm.assertEq(address(rental).balance, bid.bond);
    }

    function testFuzz_windows_are_kept_within_their_bounds(uint256 first, uint256 second) external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.deliverWithin = within(first, 0, 100 days);
        offer.confirmWindow = within(second, 0, 100 days);
        bool good = offer.deliverWithin >= 10 minutes && offer.deliverWithin <= 90 days
            && offer.confirmWindow >= 10 minutes && offer.confirmWindow <= 90 days;
        bytes memory sig = _signOffer(offer);
        if (!good) vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
    }

    function testFuzz_at_each_time_exactly_one_side_may_act(uint256 elapsed) external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        elapsed = within(elapsed, 0, 2 * WINDOW);
        _later(elapsed);
        bool late = elapsed > WINDOW;
        vm.prank(STRANGER);
        try market.refund(offer) {
            vm.assertTrue(late, "refunded before the deadline");
        } catch {
            vm.assertTrue(!late, "not refunded after the deadline");
            vm.prank(payee);
            market.deliver(offer, KEY);
        }
    }

    /// Whatever capsule and key a seller committed to, a mismatch is provable exactly when the buyer
    /// does not get the content key of the listing.
    function testFuzz_a_buyer_gets_the_content_key_or_the_money(
        bytes32 contentKey,
        bytes32 key,
        bytes32 error
    ) external {
        bytes32 capsule = _capsule(contentKey, key) ^ error;
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.contentHash = _hash(contentKey);
        offer.keyHash = _hash(key);
        offer.cipherHash = _hash(capsule);
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, key);
        bool honest = capsule ^ keccak256(abi.encode(key, uint256(0))) == contentKey;
        vm.assertTrue(honest == (error == 0));
        if (honest) vm.expectRevert(IPromptMarketplace.NotMismatch.selector);
        market.proveMismatch(offer, key, capsule);
    }

    function testFuzz_an_honest_delivery_is_never_a_mismatch(bytes32 contentKey, bytes32 key)
        external
    {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.contentHash = _hash(contentKey);
        offer.keyHash = _hash(key);
        offer.cipherHash = _hash(_capsule(contentKey, key));
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, key);
        vm.expectRevert(IPromptMarketplace.NotMismatch.selector);
        market.proveMismatch(offer, key, _capsule(contentKey, key));
    }
}
