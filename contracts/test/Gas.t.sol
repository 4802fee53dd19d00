// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What each step costs, as whole transactions. `npm test` compares with gas/*.json; `npm run gas`
// writes them anew.

import {ComputeRental} from "../src/ComputeRental.sol";
import {IComputeRental} from "../src/interfaces/IComputeRental.sol";
import {IPromptMarketplace} from "../src/interfaces/IPromptMarketplace.sol";
import {PromptMarketplace} from "../src/PromptMarketplace.sol";
import {Fixture} from "./Fixture.sol";

contract GasTest is Fixture {
    string private constant URI =
        "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

    function _prompt(string memory step) private {
        vm.snapshotGasLastCall("prompt", step);
    }

    function _compute(string memory step) private {
        vm.snapshotGasLastCall("compute", step);
    }

    function test_gas_of_a_sale_in_the_coin() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        _prompt("buy, coin");
        vm.prank(payee);
        market.deliver(offer, KEY);
        _prompt("deliver");
        vm.prank(payer);
        market.release(offer);
        _prompt("release, coin, owner's first fee");

        offer = _delivered(COIN);
        vm.prank(payer);
        market.release(offer);
        _prompt("release, coin");
        vm.prank(OWNER);
        market.withdraw(COIN, OWNER);
        _prompt("withdraw, coin");
    }

    function test_gas_of_a_sale_in_a_token() external {
        IPromptMarketplace.Offer memory offer = _bought(address(token));
        _prompt("buy, token");
        vm.prank(payee);
        market.deliver(offer, KEY);
        _later(WINDOW + 1);
        market.release(offer);
        _prompt("release, token, owner's first fee");

        vm.prank(payer);
        token.approve(address(market), 0);
        offer = _offer(address(token));
        bytes memory sig = _signOffer(offer);
        uint256 deadline = vm.getBlockTimestamp() + 60;
        (uint8 v, bytes32 r, bytes32 s) = _permit(address(market), PRICE, deadline);
        vm.prank(payer);
        market.buy(offer, sig, abi.encode(deadline, v, r, s));
        _prompt("buy, token with permit");
    }

    function test_gas_of_a_listing() external {
        IPromptMarketplace.Offer memory offer = _listing(COIN);
        vm.prank(payee);
        market.list(offer, URI);
        _prompt("list");
        vm.prank(payer);
        market.buyListed{value: PRICE}(offer, 7, "");
        _prompt("buyListed, coin");
        vm.prank(payee);
        market.delist(offer);
        _prompt("delist");
    }

    function test_gas_of_a_sale_that_fails() external {
        IPromptMarketplace.Offer memory offer = _bought(COIN);
        _later(WINDOW + 1);
        market.refund(offer);
        _prompt("refund, coin, delivery missed");

        offer = _offer(COIN);
        bytes32 capsule = _capsule("something else", KEY);
        offer.cipherHash = _hash(capsule);
        _buy(offer);
        vm.prank(payee);
        market.deliver(offer, KEY);
        market.proveMismatch(offer, KEY, capsule);
        _prompt("proveMismatch, coin");

        offer = _delivered(COIN);
        vm.prank(payer);
        market.dispute(offer, EVIDENCE);
        _prompt("dispute");
        vm.prank(ARBITER);
        market.resolve(offer, 2500, REASON);
        _prompt("resolve, coin, owner's first fee");
    }

    function test_gas_of_cancelling() external {
        IPromptMarketplace.Offer memory offer = _offer(COIN);
        vm.prank(payee);
        market.cancel(offer);
        _prompt("cancel");
        vm.prank(payee);
        market.bumpCounter();
        _prompt("bumpCounter");
    }

    function test_gas_of_a_job_in_the_coin() external {
        IComputeRental.Bid memory bid = _accepted(COIN, 0);
        _compute("accept, coin");
        vm.prank(payee);
        rental.submit(bid, RESULT);
        _compute("submit");
        vm.prank(payer);
        rental.release(bid);
        _compute("release, coin, owner's first fee");

        bid = _accepted(COIN, 0);
        bytes memory receipt = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE));
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE, receipt);
        _compute("settle, coin");

        bid = _accepted(COIN, 0);
        receipt = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE / 2));
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE / 2, receipt);
        _compute("settle in part, coin");
    }

    function test_gas_of_a_job_with_a_bond() external {
        vm.prank(payee);
        rental.deposit(address(token), 2 * BOND, "");
        _compute("deposit, token");

        IComputeRental.Bid memory bid = _bid(address(token), BOND);
        _accept(bid);
        _compute("accept, token, bond");
        bytes memory receipt = signed(PAYER_SECRET, _receipt(bid, RESULT, PRICE));
        vm.prank(payee);
        rental.settle(bid, RESULT, PRICE, receipt);
        _compute("settle, token, bond, owner's first fee");

        bid = _bid(address(token), BOND);
        _accept(bid);
        _later(WINDOW + 1);
        rental.refund(bid);
        _compute("refund, token, bond forfeit");
    }

    function test_gas_of_bidding_on_chain() external {
        vm.prank(payer);
        rental.postJob(JOB, COIN, PRICE, vm.getBlockTimestamp() + 60, URI);
        _compute("postJob");
        IComputeRental.Bid memory bid = _bid(COIN, 0);
        vm.prank(payee);
        rental.placeBid(bid);
        _compute("placeBid");
        vm.prank(payer);
        rental.accept{value: PRICE}(bid, "", "");
        _compute("accept a placed bid, coin");
        vm.prank(payee);
        rental.submit(bid, RESULT);
        vm.prank(payer);
        rental.dispute(bid, EVIDENCE);
        _compute("dispute");
        vm.prank(ARBITER);
        rental.resolve(bid, 2500, true, REASON);
        _compute("resolve, coin, owner's first fee");
    }

    /// A transaction is limited to 16.7 M gas and a contract to 24,576 bytes.
    function test_contracts_are_small_enough_to_deploy() external view {
        vm.assertLe(address(market).code.length, 16_000, "code of PromptMarketplace");
        vm.assertLe(address(rental).code.length, 16_000, "code of ComputeRental");
        vm.assertLe(type(PromptMarketplace).creationCode.length, 18_000, "init code");
        vm.assertLe(type(ComputeRental).creationCode.length, 18_000, "init code");
    }
}
