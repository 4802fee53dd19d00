// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Money, the owner, and those who misbehave. What holds for the shared part is tested through the
// market for prompts.

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IComputeRental} from "../src/interfaces/IComputeRental.sol";
import {IEscrow} from "../src/interfaces/IEscrow.sol";
import {IPromptMarketplace} from "../src/interfaces/IPromptMarketplace.sol";
import {
    BlockToken,
    Bomb,
    FalseToken,
    FeeToken,
    Hungry,
    MuteToken,
    Reentrant,
    ReentrantToken,
    Refuser
} from "./Doubles.sol";
import {Fixture} from "./Fixture.sol";

contract EscrowTest is Fixture {
    // ---- the value sent -------------------------------------------------------------------------

    function _refusedValue(IPromptMarketplace.Offer memory offer, uint256 value) private {
        bytes memory sig = _signOffer(offer);
        vm.expectRevert(IEscrow.BadValue.selector);
        vm.prank(payer);
        market.buy{value: value}(offer, sig, "");
    }

    function test_the_value_sent_is_the_price() external {
        _refusedValue(_offer(COIN), PRICE - 1);
        _refusedValue(_offer(COIN), PRICE + 1);
        _refusedValue(_offer(address(token)), 1);
    }

    function test_a_deal_has_a_price() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.price = 0;
        _refusedValue(offer, 0);
    }

    /// Else price * BPS could overflow in a settlement, and the money would be held for ever.
    function test_a_price_that_could_overflow_is_refused() external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        offer.price = uint256(type(uint128).max) + 1;
        _refusedValue(offer, 0);
        offer.price = type(uint128).max;
        token.mint(payer, offer.price - token.balanceOf(payer));
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, KEY);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
        vm.prank(ARBITER);
        market.resolve(offer, 10_000, REASON);
        _stateIs(offer, IEscrow.State.Resolved);
    }

    function test_the_contracts_take_no_stray_coin() external {
        vm.prank(payer);
        (bool ok,) = address(market).call{value: 1}("");
        vm.assertTrue(!ok);
    }

    // ---- credit ---------------------------------------------------------------------------------

    function test_a_deposit_is_withdrawn_to_any_address() external {
        vm.prank(payee);
        rental.deposit{value: 5}(COIN, 5, "");
        vm.expectRevert(IEscrow.BadValue.selector);
        vm.prank(payee);
        rental.withdraw(COIN, address(0));
        vm.expectEmit(address(rental));
        emit IEscrow.Withdrawn(payee, COIN, STRANGER, 5);
        vm.prank(payee);
        vm.assertEq(rental.withdraw(COIN, STRANGER), 5);
        vm.assertEq(STRANGER.balance, 5);
        vm.expectRevert(IEscrow.BadValue.selector);
        vm.prank(payee);
        rental.withdraw(COIN, STRANGER);
    }

    function test_a_deposit_is_what_was_sent() external {
        vm.startPrank(payee);
        vm.expectRevert(IEscrow.BadValue.selector);
        rental.deposit{value: 4}(COIN, 5, "");
        vm.expectRevert(IEscrow.BadValue.selector);
        rental.deposit(COIN, 0, "");
        vm.expectRevert(IEscrow.BadValue.selector);
        rental.deposit{value: 5}(address(token), 5, "");
        vm.stopPrank();
    }

    function test_a_withdrawal_that_is_refused_leaves_the_credit() external {
        address refuser = address(new Refuser());
        vm.startPrank(payee);
        rental.deposit{value: 5}(COIN, 5, "");
        vm.expectRevert(IEscrow.TransferFailed.selector);
        rental.withdraw(COIN, refuser);
        vm.stopPrank();
        vm.assertEq(rental.credit(COIN, payee), 5);
    }

    // ---- receivers that refuse ------------------------------------------------------------------

    function _refundTo(address buyer) private {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.buyer = buyer;
        vm.deal(buyer, PRICE);
        _buy(offer);
        vm.expectEmit(address(market));
        emit IEscrow.Credited(buyer, COIN, PRICE);
        vm.prank(payee);
        market.refund(offer);
        vm.assertEq(market.credit(COIN, buyer), PRICE);
        vm.prank(buyer);
        market.withdraw(COIN, STRANGER);
        vm.assertEq(market.credit(COIN, buyer), 0);
    }

    function test_a_receiver_that_refuses_gets_a_credit() external {
        _refundTo(address(new Refuser()));
    }

    function test_a_receiver_that_wants_more_gas_gets_a_credit() external {
        _refundTo(address(new Hungry()));
    }

    function test_a_receiver_that_returns_a_flood_gets_a_credit() external {
        _refundTo(address(new Bomb()));
    }

    function test_a_token_that_blocks_the_receiver_does_not_stop_a_settlement() external {
        BlockToken money = new BlockToken();
        money.mint(payer, PRICE);
        vm.prank(payer);
        money.approve(address(market), PRICE);
        IPromptMarketplace.Offer memory offer = _bought(address(money));
        money.block_(payee);
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(market.credit(address(money), payee), PRICE - FEE);
        vm.prank(payee);
        market.withdraw(address(money), STRANGER);
        vm.assertEq(money.balanceOf(STRANGER), PRICE - FEE);
    }

    // ---- tokens ---------------------------------------------------------------------------------

    function test_a_token_with_a_fee_is_refused() external {
        FeeToken money = new FeeToken();
        money.mint(payer, 2 * PRICE);
        vm.prank(payer);
        money.approve(address(market), 2 * PRICE);
        IPromptMarketplace.Offer memory offer = _offer(address(money));
        bytes memory sig = _signOffer(offer);
        vm.startPrank(payer);
        vm.expectRevert(IEscrow.TokenNotExact.selector);
        market.buy(offer, sig, "");
        vm.expectRevert(IEscrow.TokenNotExact.selector);
        market.deposit(address(money), PRICE, "");
        vm.stopPrank();
    }

    function test_a_token_without_return_values_works() external {
        MuteToken money = new MuteToken();
        money.mint(payer, PRICE);
        IPromptMarketplace.Offer memory offer = _bought(address(money));
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(money.balanceOf(payee), PRICE - FEE);
        vm.prank(OWNER);
        market.withdraw(address(money), OWNER);
        vm.assertEq(money.balanceOf(OWNER), FEE);
    }

    function test_a_token_that_returns_false_opens_nothing() external {
        address money = address(new FalseToken());
        IPromptMarketplace.Offer memory offer = _offer(money);
        bytes memory sig = _signOffer(offer);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, money));
        vm.prank(payer);
        market.buy(offer, sig, "");
    }

    function test_a_token_without_code_opens_nothing() external {
        IPromptMarketplace.Offer memory offer = _offer(STRANGER);
        bytes memory sig = _signOffer(offer);
        vm.prank(payer);
        try market.buy(offer, sig, "") {
            vm.assertTrue(false, "bought for nothing");
        } catch {}
    }

    // ---- permits --------------------------------------------------------------------------------

    function _permitted(IPromptMarketplace.Offer memory offer) private returns (bytes memory) {
        vm.prank(payer);
        token.approve(address(market), 0);
        uint256 deadline = START + 60;
        (uint8 v, bytes32 r, bytes32 s) = _permit(address(market), offer.price, deadline);
        return abi.encode(deadline, v, r, s);
    }

    function test_a_permit_saves_the_approval() external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        bytes memory sig = _signOffer(offer);
        bytes memory permit = _permitted(offer);
        vm.prank(payer);
        market.buy(offer, sig, permit);
        vm.assertEq(token.balanceOf(address(market)), PRICE);
    }

    function test_a_permit_that_was_sent_first_by_another_still_buys() external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        bytes memory sig = _signOffer(offer);
        bytes memory permit = _permitted(offer);
        (uint256 deadline, uint8 v, bytes32 r, bytes32 s) =
            abi.decode(permit, (uint256, uint8, bytes32, bytes32));
        vm.prank(STRANGER);
        token.permit(payer, address(market), PRICE, deadline, v, r, s);
        vm.prank(payer);
        market.buy(offer, sig, permit);
        _stateIs(offer, IEscrow.State.Funded);
    }

    function test_a_wrong_permit_without_allowance_buys_nothing() external {
        IPromptMarketplace.Offer memory offer = _offer(address(token));
        bytes memory sig = _signOffer(offer);
        _permitted(offer);
        bytes memory permit = abi.encode(START + 60, uint8(27), bytes32("r"), bytes32("s"));
        vm.prank(payer);
        try market.buy(offer, sig, permit) {
            vm.assertTrue(false, "bought for nothing");
        } catch {}
    }

    // ---- reentrancy -----------------------------------------------------------------------------

    function test_a_seller_that_calls_back_on_being_paid_gets_nothing_more() external {
        Reentrant seller = new Reentrant();
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        offer.seller = address(seller);
        IPromptMarketplace.Offer memory second = _offer(COIN);
        second.seller = address(seller);
        vm.startPrank(payer);
        market.buy{value: PRICE}(offer, "", "");
        market.buy{value: PRICE}(second, "", "");
        vm.stopPrank();
        seller.arm(address(market), abi.encodeCall(market.refund, (second)));
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(seller.through(), 0);
        vm.assertEq(address(seller).balance + market.credit(COIN, address(seller)), PRICE - FEE);
        _stateIs(second, IEscrow.State.Funded);
    }

    function test_a_withdrawal_that_calls_back_takes_nothing_twice() external {
        Reentrant thief = new Reentrant();
        vm.deal(address(thief), 5);
        vm.prank(payee);
        market.deposit{value: 100}(COIN, 100, "");
        thief.run(address(market), 5, abi.encodeCall(market.deposit, (COIN, 5, "")));
        bytes memory take = abi.encodeCall(market.withdraw, (COIN, address(thief)));
        thief.arm(address(market), take);
        thief.run(address(market), 0, take);
        vm.assertEq(thief.through(), 0);
        vm.assertEq(address(thief).balance, 5);
        vm.assertEq(address(market).balance, 100);
    }

    function test_a_token_that_calls_back_is_kept_out() external {
        ReentrantToken money = new ReentrantToken();
        money.mint(payer, 2 * PRICE);
        vm.prank(payer);
        money.approve(address(market), 2 * PRICE);
        IPromptMarketplace.Offer memory offer = _bought(address(money));
        IPromptMarketplace.Offer memory second = _offer(address(money));
        money.arm(address(market), abi.encodeCall(market.deposit, (address(money), 0, "")));
        _buy(second);
        // This one would be allowed at any other moment: the window of `second` is over.
        _later(WINDOW + 1);
        money.arm(address(market), abi.encodeCall(market.refund, (second)));
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(money.tried(), 2);
        vm.assertEq(money.through(), 0);
        _stateIs(second, IEscrow.State.Funded);
    }

    // ---- the owner ------------------------------------------------------------------------------

    function _notOwner() private {
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER)
        );
        vm.prank(STRANGER);
    }

    function test_only_the_owner_pauses() external {
        _notOwner();
        market.pause();
        vm.prank(OWNER);
        market.pause();
        _notOwner();
        market.unpause();
        vm.prank(OWNER);
        market.unpause();
        _bought(COIN);
    }

    function _paused() private {
        vm.expectRevert(Pausable.EnforcedPause.selector);
    }

    function test_a_pause_stops_new_sales_only() external {
        IPromptMarketplace.Offer memory open = _bought(COIN);
        IPromptMarketplace.Offer memory listing = _listing(COIN);
        vm.prank(payee);
        market.list(listing, "uri");
        vm.prank(OWNER);
        market.pause();

        IPromptMarketplace.Offer memory offer = _offer(COIN);
        bytes memory sig = _signOffer(offer);
        vm.startPrank(payer);
        _paused();
        market.buy{value: PRICE}(offer, sig, "");
        _paused();
        market.buyListed{value: PRICE}(listing, 7, "");
        vm.stopPrank();
        IPromptMarketplace.Offer memory another = _listing(COIN);
        vm.prank(payee);
        _paused();
        market.list(another, "uri");

        vm.startPrank(payee);
        market.delist(listing);
        market.cancel(offer);
        market.bumpCounter();
        market.deliver(open, KEY);
        vm.stopPrank();
        vm.prank(payer);
        market.dispute(open, EVIDENCE);
        vm.prank(ARBITER);
        market.resolve(open, 5000, REASON);
        vm.prank(OWNER);
        market.withdraw(COIN, OWNER);
        vm.assertEq(OWNER.balance, FEE / 2);
    }

    function test_a_pause_stops_new_jobs_only() external {
        IComputeRental.Bid memory open = _accepted(COIN, BOND);
        vm.prank(OWNER);
        rental.pause();

        IComputeRental.Bid memory bid = _bid(COIN, 0);
        bytes memory sig = signed(PAYEE_SECRET, rental.bidId(bid));
        vm.startPrank(payer);
        _paused();
        rental.accept{value: PRICE}(bid, sig, "");
        _paused();
        rental.postJob(JOB, COIN, PRICE, START, "uri");
        vm.stopPrank();
        vm.prank(payee);
        _paused();
        rental.placeBid(bid);

        vm.prank(payee);
        rental.submit(open, RESULT);
        vm.prank(payer);
        rental.release(open);
        vm.prank(payee);
        rental.withdraw(COIN, payee);
    }

    function test_ownership_moves_in_two_steps_and_the_fees_with_it() external {
        _notOwner();
        market.transferOwnership(STRANGER);
        vm.prank(OWNER);
        market.transferOwnership(STRANGER);
        vm.assertEq(market.owner(), OWNER);
        vm.prank(STRANGER);
        market.acceptOwnership();
        vm.assertEq(market.owner(), STRANGER);
        IPromptMarketplace.Offer memory offer = _delivered(COIN);
        vm.prank(payer);
        market.release(offer);
        vm.assertEq(market.credit(COIN, STRANGER), FEE);
        vm.assertEq(market.credit(COIN, OWNER), 0);
    }

    function test_ownership_cannot_be_given_up() external {
        _notOwner();
        market.renounceOwnership();
        vm.expectRevert(IEscrow.BadTerms.selector);
        vm.prank(OWNER);
        market.renounceOwnership();
    }

    function test_the_owner_has_no_step_in_a_deal() external {
        IPromptMarketplace.Offer memory offer = _disputed(COIN);
        vm.startPrank(OWNER);
        _wrongState(IEscrow.State.Disputed);
        market.release(offer);
        vm.expectRevert(IEscrow.NotParty.selector);
        market.refund(offer);
        vm.expectRevert(IEscrow.NotParty.selector);
        market.resolve(offer, 0, REASON);
        vm.expectRevert(IEscrow.BadValue.selector);
        market.withdraw(COIN, OWNER);
        vm.stopPrank();
    }
}
