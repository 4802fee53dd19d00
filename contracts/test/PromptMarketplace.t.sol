// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../src/interfaces/IEscrow.sol";
import {IPromptMarketplace} from "../src/interfaces/IPromptMarketplace.sol";
import {Wallet} from "./Doubles.sol";
import {Fixture} from "./Fixture.sol";

contract PromptMarketplaceTest is Fixture {
    // ---- a sale ---------------------------------------------------------------------------------

    function test_a_sale_pays_the_seller_and_the_owner() external {
        uint256 before = payee.balance;
        IPromptMarketplace.Offer memory offer = _delivered(COIN);
        bytes32 id = market.offerId(offer);
        vm.expectEmit(address(market));
        emit IEscrow.Settled(id, IEscrow.State.Released, payer, PRICE - FEE, FEE, 0, 0);
        vm.expectEmit(address(market));
        emit IEscrow.Credited(OWNER, COIN, FEE);
        vm.expectEmit(address(market));
        emit IEscrow.Paid(payee, COIN, PRICE - FEE);
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(payee.balance - before, PRICE - FEE);
        vm.assertEq(market.credit(COIN, OWNER), FEE);
        vm.assertEq(address(market).balance, FEE);
        _stateIs(offer, IEscrow.State.Released);
    }

    function test_a_purchase_logs_all_terms_and_the_deadline() external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        bytes32 id = market.offerId(offer);
        vm.expectEmit(address(market));
        emit IPromptMarketplace.Bought(id, payer, payee, 0, offer, START + WINDOW);
        _buy(offer);
        (IEscrow.State state, uint256 deadline) = market.stateOf(id);
        vm.assertTrue(state == IEscrow.State.Funded);
        vm.assertEq(deadline, START + WINDOW);
    }

    function test_a_delivery_logs_the_key_and_starts_the_confirm_window() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        _later(100);
        vm.expectEmit(address(market));
        emit IEscrow.Delivered(market.offerId(offer), KEY, START + 100 + WINDOW);
        vm.prank(payee);
        market.deliver(offer, KEY);
    }

    function test_the_same_terms_are_bought_once() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        bytes memory sig = _signOffer(offer);
        _wrongState(IEscrow.State.Funded);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
        vm.prank(payee);
        market.refund(offer);
        _wrongState(IEscrow.State.Refunded);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
    }

    function test_other_terms_are_another_deal() external {
        IPromptMarketplace.Offer memory offer = _delivered(COIN);
        offer.price = 2 * PRICE;
        _wrongState(IEscrow.State.None);
        vm.prank(payer);
        market.release(offer);
        offer.price = PRICE;
        offer.seller = STRANGER;
        _wrongState(IEscrow.State.None);
        vm.prank(STRANGER);
        market.refund(offer);
    }

    // ---- who may buy ----------------------------------------------------------------------------

    function test_only_the_named_buyer_buys() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        bytes memory sig = _signOffer(offer);
        vm.deal(STRANGER, PRICE);
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(STRANGER);
        market.buy{value: PRICE}(offer, sig, "");
    }

    function test_an_offer_needs_its_sellers_signature() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        bytes memory sig = signed(PAYER_SECRET, market.offerId(offer));
        vm.expectRevert(IEscrow.BadSignature.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
        sig = _signOffer(offer);
        offer.price = 1;
        vm.expectRevert(IEscrow.BadSignature.selector);
        vm.prank(payer);
        market.buy{value: 1}(offer, sig, "");
    }

    function test_a_signature_of_one_market_is_none_in_another() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        bytes memory sig = signed(PAYEE_SECRET, rental.domainSeparator());
        vm.expectRevert(IEscrow.BadSignature.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
    }

    function test_an_offer_without_a_seller_is_refused() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.seller = address(0);
        vm.expectRevert(IEscrow.BadSignature.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, new bytes(65), "");
    }

    function test_an_offer_is_good_until_its_last_second() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        IPromptMarketplace.Offer memory other = _offer(COIN);
        vm.warp(offer.validUntil);
        _buy(offer);
        vm.warp(other.validUntil + 1);
        bytes memory sig = _signOffer(other);
        _tooLate(other.validUntil);
        vm.prank(payer);
        market.buy{value: PRICE}(other, sig, "");
    }

    function test_a_cancelled_offer_cannot_be_bought() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        bytes memory sig = _signOffer(offer);
        bytes32 id = market.offerId(offer);
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(payer);
        market.cancel(offer);
        vm.expectEmit(address(market));
        emit IEscrow.Cancelled(payee, id);
        vm.prank(payee);
        market.cancel(offer);
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
    }

    function test_cancelling_does_not_touch_an_open_deal() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        vm.startPrank(payee);
        market.cancel(offer);
        market.bumpCounter();
        market.deliver(offer, KEY);
        vm.stopPrank();
        vm.prank(payer);
        market.release(offer);
        _stateIs(offer, IEscrow.State.Released);
    }

    function test_a_new_counter_voids_the_older_offers() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        bytes memory sig = _signOffer(offer);
        vm.expectEmit(address(market));
        emit IEscrow.CounterBumped(payee, 1);
        vm.prank(payee);
        market.bumpCounter();
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, sig, "");
        offer.counter = 1;
        _buy(offer);
        _stateIs(offer, IEscrow.State.Funded);
    }

    function _refusedTerms(IPromptMarketplace.Offer memory offer) private {
        bytes memory sig = _signOffer(offer);
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(offer.buyer);
        market.buy{value: PRICE}(offer, sig, "");
    }

    function test_windows_have_bounds() external {
        uint256[4] memory windows = [uint256(10 minutes - 1), 90 days + 1, 10 minutes, 90 days];
        for (uint256 i = 0; i < 4; i++) {
            IPromptMarketplace.Offer memory offer = _offer(COIN);
            offer.deliverWithin = windows[i];
            if (i < 2) _refusedTerms(offer);
            else _buy(offer);
            offer = _offer(COIN);
            offer.confirmWindow = windows[i];
            if (i < 2) _refusedTerms(offer);
            else _buy(offer);
        }
    }

    function test_an_arbiter_is_neither_party() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.arbiter = payee;
        _refusedTerms(offer);
        offer.arbiter = payer;
        _refusedTerms(offer);
    }

    function test_nobody_sells_to_oneself() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.buyer = payee;
        _refusedTerms(offer);
    }

    function test_a_wallet_contract_sells_by_erc1271() external {
        Wallet wallet = new Wallet();
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.seller = address(wallet);
        bytes32 id = market.offerId(offer);
        vm.expectRevert(IEscrow.BadSignature.selector);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, "", "");
        wallet.approve(id);
        vm.prank(payer);
        market.buy{value: PRICE}(offer, "", "");
        wallet.run(address(market), 0, abi.encodeCall(market.deliver, (offer, KEY)));
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(address(wallet).balance, PRICE - FEE);
    }

    function test_a_wallet_contract_buys() external {
        Wallet wallet = new Wallet();
        vm.deal(address(wallet), PRICE);
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.buyer = address(wallet);
        bytes memory sig = _signOffer(offer);
        wallet.run(address(market), PRICE, abi.encodeCall(market.buy, (offer, sig, "")));
        vm.prank(payee);
        market.refund(offer);
        vm.assertEq(address(wallet).balance, PRICE);
    }

    // ---- listings -------------------------------------------------------------------------------

    function test_a_listing_is_bought_by_anyone_any_number_of_times() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.prank(payee);
        bytes32 listingId = market.list(offer, "uri");
        _fund(STRANGER);
        address[3] memory buyers = [payer, payer, STRANGER];
        for (uint256 i = 0; i < 3; i++) {
            vm.prank(buyers[i]);
            bytes32 id = market.buyListed{value: PRICE}(offer, i, "");
            vm.assertEq(id, market.offerId(_dealOf(offer, buyers[i], i)));
        }
        vm.assertTrue(market.listed(listingId));
        vm.assertEq(address(market).balance, 3 * PRICE);
    }

    /// The terms of a deal that came from a listing. The copy goes through the ABI, since a struct in
    /// memory is a reference.
    function _dealOf(IPromptMarketplace.Offer memory listing, address buyer, uint256 salt)
        private
        pure
        returns (IPromptMarketplace.Offer memory deal)
    {
        deal = abi.decode(abi.encode(listing), (IPromptMarketplace.Offer));
        deal.buyer = buyer;
        deal.salt = salt;
    }

    function test_a_listed_sale_goes_its_way() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        bytes32 listingId = market.offerId(offer);
        vm.expectEmit(address(market));
        emit IPromptMarketplace.Listed(listingId, payee, offer.contentHash, offer, "uri");
        vm.prank(payee);
        market.list(offer, "uri");

        IPromptMarketplace.Offer memory deal = _dealOf(offer, payer, 7);
        bytes32 id = market.offerId(deal);
        vm.expectEmit(address(market));
        emit IPromptMarketplace.Bought(id, payer, payee, listingId, deal, START + WINDOW);
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 7, "");

        vm.prank(payee);
        market.deliver(deal, "anything");
        vm.expectRevert(IPromptMarketplace.BadKey.selector);
        market.proveMismatch(deal, "anything", 0);
        _later(WINDOW + 1);
        market.release(deal);
        _stateIs(deal, IEscrow.State.Released);
    }

    function test_the_same_buyer_and_salt_buy_a_listing_once() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.prank(payee);
        market.list(offer, "uri");
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 7, "");
        _wrongState(IEscrow.State.Funded);
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 7, "");
    }

    function _notListed(IPromptMarketplace.Offer memory offer) private {
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 7, "");
    }

    function test_only_what_is_listed_is_bought() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        _notListed(offer);
        vm.prank(payee);
        market.list(offer, "uri");
        offer.price = 2 * PRICE;
        _notListed(offer);
    }

    function test_a_withdrawn_listing_takes_no_more_buyers() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        bytes32 listingId = market.offerId(offer);
        vm.prank(payee);
        market.list(offer, "uri");
        vm.expectRevert(IEscrow.NotParty.selector);
        market.delist(offer);
        vm.expectEmit(address(market));
        emit IPromptMarketplace.Delisted(listingId);
        vm.prank(payee);
        market.delist(offer);
        vm.assertTrue(!market.listed(listingId));
        _notListed(offer);
    }

    function test_a_cancelled_listing_takes_no_more_buyers_and_stays_so() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.startPrank(payee);
        market.list(offer, "uri");
        market.cancel(offer);
        vm.expectRevert(IEscrow.BadTerms.selector);
        market.list(offer, "uri");
        vm.stopPrank();
        _notListed(offer);
    }

    function test_a_new_counter_voids_a_listing() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.prank(payee);
        market.list(offer, "uri");
        vm.prank(payee);
        market.bumpCounter();
        _notListed(offer);
    }

    function test_a_listing_ends_after_its_last_second() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.prank(payee);
        market.list(offer, "uri");
        vm.warp(offer.validUntil);
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 1, "");
        vm.warp(offer.validUntil + 1);
        _tooLate(offer.validUntil);
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 2, "");
    }

    function test_only_the_seller_lists_and_only_sound_terms() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.expectRevert(IEscrow.NotParty.selector);
        market.list(offer, "uri");
        for (uint256 i = 0; i < 4; i++) {
            offer = _listing(COIN);
            if (i == 0) offer.buyer = payer;
            if (i == 1) offer.keyHash = "k";
            if (i == 2) offer.price = 0;
            if (i == 3) offer.contentHash = 0;
            vm.expectRevert(IEscrow.BadTerms.selector);
            vm.prank(payee);
            market.list(offer, "uri");
        }
    }

    function test_a_seller_cannot_buy_the_own_listing() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.startPrank(payee);
        market.list(offer, "uri");
        vm.expectRevert(IEscrow.BadTerms.selector);
        market.buyListed{value: PRICE}(offer, 7, "");
        vm.stopPrank();
    }

    // ---- delivery and its proof -----------------------------------------------------------------

    function test_a_wrong_key_is_no_delivery() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        vm.expectRevert(IPromptMarketplace.BadKey.selector);
        vm.prank(payee);
        market.deliver(offer, "another key");
        _stateIs(offer, IEscrow.State.Funded);
    }

    function test_an_honest_delivery_is_no_mismatch() external {
        IPromptMarketplace.Offer memory offer = _delivered(COIN);
        vm.expectRevert(IPromptMarketplace.NotMismatch.selector);
        market.proveMismatch(offer, KEY, _capsule(CONTENT_KEY, KEY));
    }

    function _dishonest() private returns (IPromptMarketplace.Offer memory offer, bytes32 capsule) {
        capsule = _capsule("not the content key", KEY);
        offer = _offer(COIN);
        offer.cipherHash = _hash(capsule);
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, KEY);
    }

    function test_a_wrong_capsule_is_proved_by_anyone_and_refunded() external {
        uint256 before = payer.balance;
        (IPromptMarketplace.Offer memory offer, bytes32 capsule) = _dishonest();
        bytes32 id = market.offerId(offer);
        vm.expectEmit(address(market));
        emit IEscrow.Settled(id, IEscrow.State.Refunded, STRANGER, 0, 0, PRICE, "mismatch");
        vm.prank(STRANGER);
        market.proveMismatch(offer, KEY, capsule);
        vm.assertEq(payer.balance, before);
        vm.assertEq(market.credit(COIN, OWNER), 0);
        _stateIs(offer, IEscrow.State.Refunded);
    }

    function test_a_mismatch_is_proved_with_the_committed_key_and_capsule_only() external {
        (IPromptMarketplace.Offer memory offer, bytes32 capsule) = _dishonest();
        vm.expectRevert(IPromptMarketplace.BadKey.selector);
        market.proveMismatch(offer, "another key", capsule);
        vm.expectRevert(IPromptMarketplace.BadKey.selector);
        market.proveMismatch(offer, KEY, ~capsule);
    }

    function test_a_mismatch_is_proved_up_to_the_last_second_of_the_confirm_window() external {
        (IPromptMarketplace.Offer memory offer, bytes32 capsule) = _dishonest();
        (IPromptMarketplace.Offer memory other,) = _dishonest();
        _later(WINDOW);
        market.proveMismatch(offer, KEY, capsule);
        _later(1);
        _tooLate(START + WINDOW);
        market.proveMismatch(other, KEY, capsule);
    }

    function test_a_mismatch_is_proved_after_a_delivery_only() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        bytes32 capsule = _capsule(CONTENT_KEY, KEY);
        _wrongState(IEscrow.State.Funded);
        market.proveMismatch(offer, KEY, capsule);
        offer = _disputed(COIN);
        _wrongState(IEscrow.State.Disputed);
        market.proveMismatch(offer, KEY, capsule);
    }

    // ---- dispute --------------------------------------------------------------------------------

    function test_an_arbiter_splits_the_price_and_the_fee_is_of_the_sellers_part() external {
        uint256 buyerBefore = payer.balance;
        uint256 sellerBefore = payee.balance;
        IPromptMarketplace.Offer memory offer = _disputed(COIN);
        vm.prank(ARBITER);
        market.resolve(offer, 2500, REASON);
        vm.assertEq(payee.balance - sellerBefore, 0.2425 ether);
        vm.assertEq(buyerBefore - payer.balance, 0.25 ether);
        vm.assertEq(market.credit(COIN, OWNER), 0.0075 ether);
        _stateIs(offer, IEscrow.State.Resolved);
    }

    function test_an_arbiter_gives_all_or_nothing_but_not_more() external {
        IPromptMarketplace.Offer memory offer = _disputed(COIN);
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(ARBITER);
        market.resolve(offer, 10_001, REASON);
        uint256 before = payee.balance;
        vm.prank(ARBITER);
        market.resolve(offer, 10_000, REASON);
        vm.assertEq(payee.balance - before, PRICE - FEE);
        offer = _disputed(COIN);
        before = payer.balance;
        vm.prank(ARBITER);
        market.resolve(offer, 0, REASON);
        vm.assertEq(payer.balance - before, PRICE);
    }

    function test_only_the_deals_arbiter_decides_in_time() external {
        IPromptMarketplace.Offer memory offer = _disputed(COIN);
        address[4] memory others = [payer, payee, OWNER, STRANGER];
        _later(14 days);
        for (uint256 i = 0; i < 4; i++) {
            vm.expectRevert(IEscrow.NotParty.selector);
            vm.prank(others[i]);
            market.resolve(offer, 10_000, REASON);
        }
        vm.prank(ARBITER);
        market.resolve(offer, 10_000, REASON);
    }

    function test_nothing_is_decided_that_nobody_disputes() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        _wrongState(IEscrow.State.Funded);
        vm.prank(ARBITER);
        market.resolve(offer, 0, REASON);
        offer = _delivered(COIN);
        _later(WINDOW + 1);
        _wrongState(IEscrow.State.Delivered);
        vm.prank(ARBITER);
        market.resolve(offer, 0, REASON);
    }

    function test_a_silent_arbiter_is_half_and_half_by_anyone() external {
        IPromptMarketplace.Offer memory offer = _disputed(COIN);
        uint256 before = payer.balance;
        _later(14 days + 1);
        vm.prank(STRANGER);
        market.resolve(offer, 10_000, REASON);
        vm.assertEq(payer.balance - before, PRICE / 2);
        vm.assertEq(market.credit(COIN, OWNER), FEE / 2);
    }

    function test_without_an_arbiter_there_is_no_dispute() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.arbiter = address(0);
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, KEY);
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
    }

    function test_a_dispute_logs_its_evidence_and_the_arbiters_deadline() external {
        IPromptMarketplace.Offer memory offer = _delivered(COIN);
        bytes32 id = market.offerId(offer);
        vm.expectEmit(address(market));
        emit IEscrow.Disputed(id, payer, EVIDENCE, START + 14 days);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
    }

    // ---- time -----------------------------------------------------------------------------------

    function test_a_delivery_is_in_time_up_to_its_last_second() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        IPromptMarketplace.Offer memory other = _bought(COIN);
        _later(WINDOW);
        _tooEarly(START + WINDOW);
        vm.prank(payer);
        market.refund(other);
        vm.prank(payee);
        market.deliver(offer, KEY);
        _later(1);
        _tooLate(START + WINDOW);
        vm.prank(payee);
        market.deliver(other, KEY);
        vm.prank(STRANGER);
        market.refund(other);
        _stateIs(other, IEscrow.State.Refunded);
    }

    function test_a_buyer_objects_up_to_the_last_second_and_then_silence_pays() external {
        IPromptMarketplace.Offer memory offer = _delivered(COIN);
        IPromptMarketplace.Offer memory other = _delivered(COIN);
        _later(WINDOW);
        _tooEarly(START + WINDOW);
        vm.prank(payee);
        market.release(other);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
        _later(1);
        _tooLate(START + WINDOW);
        vm.prank(payer);
        market.dispute(other, EVIDENCE);
        vm.prank(STRANGER);
        market.release(other);
        _stateIs(other, IEscrow.State.Released);
    }
}
