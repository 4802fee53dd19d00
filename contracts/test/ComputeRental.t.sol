// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IComputeRental} from "../src/interfaces/IComputeRental.sol";
import {IEscrow} from "../src/interfaces/IEscrow.sol";
import {Wallet} from "./Doubles.sol";
import {Fixture} from "./Fixture.sol";

contract ComputeRentalTest is Fixture {
    // ---- a job ----------------------------------------------------------------------------------

    function test_a_job_is_paid_by_release() external {
        uint256 before = payee.balance;
        IComputeRental.Bid memory bid = _submitted(COIN, 0);
        vm.prank(payer);
        rental.release(bid);
        vm.assertEq(payee.balance - before, PRICE - FEE);
        vm.assertEq(rental.credit(COIN, OWNER), FEE);
        _stateIs(bid, IEscrow.State.Released);
    }

    function test_accepting_logs_all_terms_and_the_deadline() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bytes32 id = rental.bidId(bid);
        vm.expectEmit(address(rental));
        emit IComputeRental.Accepted(id, payer, payee, bid, START + WINDOW);
        _accept(bid);
    }

    function test_a_job_is_posted_in_the_log() external {
        vm.expectEmit(address(rental));
        emit IComputeRental.JobPosted(JOB, payer, COIN, PRICE, START + 3, "uri");
        vm.prank(payer);
        rental.postJob(JOB, COIN, PRICE, START + 3, "uri");
    }

    function test_a_submission_logs_the_result_and_starts_the_confirm_window() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        _later(100);
        vm.expectEmit(address(rental));
        emit IEscrow.Delivered(rental.bidId(bid), RESULT, START + 100 + WINDOW);
        vm.prank(payee);
        rental.submit(bid, RESULT);
    }

    function test_only_the_provider_submits_once_and_in_time() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        IComputeRental.Bid memory other = _accepted(COIN, 0);
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(payer);
        rental.submit(bid, RESULT);
        _later(WINDOW);
        vm.prank(payee);
        rental.submit(bid, RESULT);
        _wrongState(IEscrow.State.Delivered);
        vm.prank(payee);
        rental.submit(bid, "another result");
        _later(1);
        _tooLate(START + WINDOW);
        vm.prank(payee);
        rental.submit(other, RESULT);
    }

    function test_a_requesters_silence_pays() external {
        IComputeRental.Bid memory bid = _submitted(address(token), 0);
        uint256 before = token.balanceOf(payee);
        _later(WINDOW);
        _tooEarly(START + WINDOW);
        rental.release(bid);
        _later(1);
        rental.release(bid);
        vm.assertEq(token.balanceOf(payee) - before, PRICE - FEE);
    }

    // ---- who may accept -------------------------------------------------------------------------

    function test_only_the_named_requester_accepts() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bytes memory sig = signed(PAYEE_SECRET, rental.bidId(bid));
        vm.deal(STRANGER, PRICE);
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(STRANGER);
        rental.accept{value: PRICE}(bid, sig, "");
    }

    function _refused(IComputeRental.Bid memory bid, bytes memory sig, bytes4 why) private {
        vm.expectRevert(why);
        vm.prank(payer);
        rental.accept{value: PRICE}(bid, sig, "");
    }

    function test_a_bid_needs_its_providers_signature() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        _refused(bid, signed(PAYER_SECRET, rental.bidId(bid)), IEscrow.BadSignature.selector);
        _refused(bid, "", IEscrow.BadSignature.selector);
    }

    function test_a_bid_is_accepted_once() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        bytes memory sig = signed(PAYEE_SECRET, rental.bidId(bid));
        _wrongState(IEscrow.State.Funded);
        vm.prank(payer);
        rental.accept{value: PRICE}(bid, sig, "");
    }

    function test_a_placed_bid_needs_no_signature() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bytes32 id = rental.bidId(bid);
        vm.expectRevert(IEscrow.NotParty.selector);
        rental.placeBid(bid);
        vm.expectEmit(address(rental));
        emit IComputeRental.BidPlaced(id, JOB, payee, bid);
        vm.prank(payee);
        rental.placeBid(bid);
        _refused(bid, new bytes(65), IEscrow.BadSignature.selector);
        vm.prank(payer);
        rental.accept{value: PRICE}(bid, "", "");
        _stateIs(bid, IEscrow.State.Funded);
    }

    function test_a_placed_bid_runs_out() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        vm.prank(payee);
        rental.placeBid(bid);
        vm.warp(bid.validUntil + 1);
        _tooLate(bid.validUntil);
        vm.prank(payer);
        rental.accept{value: PRICE}(bid, "", "");
    }

    function test_a_cancelled_bid_is_not_accepted_placed_or_signed() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bytes memory sig = signed(PAYEE_SECRET, rental.bidId(bid));
        vm.expectRevert(IEscrow.NotParty.selector);
        rental.cancel(bid);
        vm.startPrank(payee);
        rental.placeBid(bid);
        rental.cancel(bid);
        vm.stopPrank();
        _refused(bid, "", IEscrow.BadTerms.selector);
        _refused(bid, sig, IEscrow.BadTerms.selector);
    }

    function test_a_new_counter_voids_the_older_bids() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        vm.startPrank(payee);
        rental.placeBid(bid);
        rental.bumpCounter();
        vm.stopPrank();
        _refused(bid, "", IEscrow.BadTerms.selector);
    }

    function test_a_wallet_contract_provides() external {
        Wallet wallet = new Wallet();
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bid.provider = address(wallet);
        wallet.run(address(rental), 0, abi.encodeCall(rental.placeBid, (bid)));
        vm.prank(payer);
        rental.accept{value: PRICE}(bid, "", "");
        wallet.run(address(rental), 0, abi.encodeCall(rental.submit, (bid, RESULT)));
        vm.prank(payer);
        rental.release(bid);
        vm.assertEq(address(wallet).balance, PRICE - FEE);
    }

    // ---- receipts -------------------------------------------------------------------------------

    function _settle(IComputeRental.Bid memory bid, uint256 amount) private {
        bytes memory sig = signed(PAYER_SECRET, _receipt(bid, RESULT, amount));
        vm.prank(payee);
        rental.settle(bid, RESULT, amount, sig);
    }

    function test_a_receipt_pays_in_one_call() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        bytes32 id = rental.bidId(bid);
        uint256 before = payee.balance;
        bytes memory sig = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE));
        vm.expectEmit(address(rental));
        emit IEscrow.Settled(id, IEscrow.State.Released, payee, PRICE - FEE, FEE, 0, RESULT);
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE, sig);
        vm.assertEq(payee.balance - before, PRICE - FEE);
    }

    function test_a_receipt_for_a_part_returns_the_rest() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        uint256 requesterBefore = payer.balance;
        uint256 providerBefore = payee.balance;
        _settle(bid, 0.4 ether);
        vm.assertEq(payer.balance - requesterBefore, 0.6 ether);
        vm.assertEq(payee.balance - providerBefore, 0.388 ether);
        vm.assertEq(rental.credit(COIN, OWNER), 0.012 ether);
    }

    function test_a_receipt_for_nothing_returns_all() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        uint256 before = payer.balance;
        _settle(bid, 0);
        vm.assertEq(payer.balance - before, PRICE);
        _stateIs(bid, IEscrow.State.Released);
    }

    function test_a_receipt_settles_a_delivered_and_a_disputed_job_too() external {
        IComputeRental.Bid memory bid = _submitted(COIN, BOND);
        _settle(bid, PRICE);
        bid = _contested(COIN, 0);
        _later(14 days + 1);
        _settle(bid, PRICE);
        _stateIs(bid, IEscrow.State.Released);
        vm.assertEq(rental.credit(COIN, payee), BOND);
    }

    function test_a_receipt_works_once_and_for_an_open_job() external {
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bytes memory sig = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE));
        _wrongState(IEscrow.State.None);
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE, sig);
        _accept(bid);
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE, sig);
        _wrongState(IEscrow.State.Released);
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE, sig);
    }

    function test_a_receipt_is_the_requesters_for_this_job_result_and_amount() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        IComputeRental.Bid memory other = _accepted(COIN, 0);
        bytes memory good = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE / 2));
        bytes memory forged = signed(PAYEE_SECRET, _receipt(bid, RESULT, PRICE / 2));
        vm.startPrank(payee);
        vm.expectRevert(IEscrow.BadSignature.selector);
        rental.settle(bid, RESULT, PRICE, good);
        vm.expectRevert(IEscrow.BadSignature.selector);
        rental.settle(bid, "other", PRICE / 2, good);
        vm.expectRevert(IEscrow.BadSignature.selector);
        rental.settle(other, RESULT, PRICE / 2, good);
        vm.expectRevert(IEscrow.BadSignature.selector);
        rental.settle(bid, RESULT, PRICE / 2, forged);
        rental.settle(bid, RESULT, PRICE / 2, good);
        vm.stopPrank();
    }

    function test_a_receipt_is_brought_by_the_provider_and_not_above_the_price() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        bytes memory sig = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE + 1));
        vm.expectRevert(IEscrow.BadValue.selector);
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE + 1, sig);
        sig = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE));
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(STRANGER);
        rental.settle(bid, RESULT, PRICE, sig);
    }

    // ---- bonds ----------------------------------------------------------------------------------

    function test_a_bond_must_be_covered_by_the_providers_credit() external {
        IComputeRental.Bid memory bid = _bid(COIN, BOND);
        vm.prank(payee);
        rental.deposit{value: BOND - 1}(COIN, BOND - 1, "");
        _refused(bid, signed(PAYEE_SECRET, rental.bidId(bid)), IEscrow.BadValue.selector);
        vm.prank(payee);
        rental.deposit{value: 1}(COIN, 1, "");
        _accept(bid);
        vm.assertEq(rental.credit(COIN, payee), 0);
        vm.assertEq(address(rental).balance, PRICE + BOND);
    }

    function test_a_bond_of_another_token_does_not_count() external {
        IComputeRental.Bid memory bid = _bid(COIN, BOND);
        vm.prank(payee);
        rental.deposit(address(token), BOND, "");
        _refused(bid, signed(PAYEE_SECRET, rental.bidId(bid)), IEscrow.BadValue.selector);
    }

    function _bondIsAt(address provider, uint256 toProvider, uint256 toRequester) private view {
        vm.assertEq(rental.credit(COIN, provider), toProvider, "bond of the provider");
        vm.assertEq(rental.credit(COIN, payer), toRequester, "bond of the requester");
    }

    function test_a_bond_returns_when_the_job_is_paid() external {
        IComputeRental.Bid memory bid = _submitted(COIN, BOND);
        bytes32 id = rental.bidId(bid);
        vm.expectEmit(address(rental));
        emit IEscrow.Credited(payee, COIN, BOND);
        vm.expectEmit(address(rental));
        emit IComputeRental.BondReturned(id, BOND, 0);
        vm.prank(payer);
        rental.release(bid);
        _bondIsAt(payee, BOND, 0);
    }

    function test_a_bond_is_forfeit_when_the_result_is_late() external {
        IComputeRental.Bid memory bid = _accepted(COIN, BOND);
        bytes32 id = rental.bidId(bid);
        uint256 before = payer.balance;
        _later(WINDOW);
        _tooEarly(START + WINDOW);
        rental.refund(bid);
        _later(1);
        vm.expectEmit(address(rental));
        emit IComputeRental.BondReturned(id, 0, BOND);
        vm.prank(STRANGER);
        rental.refund(bid);
        vm.assertEq(payer.balance - before, PRICE);
        _bondIsAt(payee, 0, BOND);
    }

    function test_a_late_provider_cannot_save_its_bond() external {
        IComputeRental.Bid memory bid = _accepted(COIN, BOND);
        _later(WINDOW + 1);
        vm.prank(payee);
        rental.refund(bid);
        _bondIsAt(payee, 0, BOND);
    }

    function test_a_provider_that_gives_up_in_time_keeps_its_bond() external {
        IComputeRental.Bid memory bid = _accepted(COIN, BOND);
        vm.prank(payee);
        rental.refund(bid);
        _bondIsAt(payee, BOND, 0);
        bid = _submitted(COIN, 0);
        _later(WINDOW + 1);
        vm.prank(payee);
        rental.refund(bid);
        _stateIs(bid, IEscrow.State.Refunded);
    }

    function test_an_arbiter_slashes_or_not() external {
        IComputeRental.Bid memory bid = _contested(COIN, BOND);
        vm.prank(ARBITER);
        rental.resolve(bid, 10_000, false, REASON);
        _bondIsAt(payee, BOND, 0);
        vm.prank(payee);
        rental.withdraw(COIN, payee);
        bid = _contested(COIN, BOND);
        uint256 before = payer.balance;
        vm.prank(ARBITER);
        rental.resolve(bid, 0, true, REASON);
        _bondIsAt(payee, 0, BOND);
        vm.assertEq(payer.balance - before, PRICE);
    }

    function test_an_arbiter_slashes_up_to_its_last_second_and_nobody_later() external {
        IComputeRental.Bid memory bid = _contested(COIN, BOND);
        _later(14 days);
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(payer);
        rental.resolve(bid, 0, true, REASON);
        vm.prank(ARBITER);
        rental.resolve(bid, 0, true, REASON);
        _bondIsAt(payee, 0, BOND);
        bid = _contested(COIN, BOND);
        uint256 before = payer.balance;
        _later(14 days + 1);
        vm.prank(payer);
        rental.resolve(bid, 0, true, REASON);
        _bondIsAt(payee, BOND, BOND);
        vm.assertEq(payer.balance - before, PRICE / 2);
    }

    function test_a_bond_in_a_token_returns_in_that_token() external {
        IComputeRental.Bid memory bid = _submitted(address(token), BOND);
        vm.prank(payer);
        rental.release(bid);
        uint256 before = token.balanceOf(STRANGER);
        vm.prank(payee);
        rental.withdraw(address(token), STRANGER);
        vm.assertEq(token.balanceOf(STRANGER) - before, BOND);
    }

    // ---- dispute --------------------------------------------------------------------------------

    function test_only_the_requester_disputes_in_the_confirm_window() external {
        IComputeRental.Bid memory bid = _submitted(COIN, 0);
        vm.expectRevert(IEscrow.NotParty.selector);
        vm.prank(payee);
        rental.dispute(bid, EVIDENCE);
        _later(WINDOW + 1);
        _tooLate(START + WINDOW);
        vm.prank(payer);
        rental.dispute(bid, EVIDENCE);
    }
}
