// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Random walks over both markets at once, in the coin and in a token, with parties, arbiter, owner
// and strangers calling every step at right and wrong times. After each call:
//   - each market holds exactly its open deals, their bonds and the credits, per token;
//   - no state goes back, and a terminal one stays;
//   - no settlement takes more than the floor of 3 %.

import {Escrow} from "../src/Escrow.sol";
import {ComputeRental} from "../src/ComputeRental.sol";
import {IComputeRental} from "../src/interfaces/IComputeRental.sol";
import {IEscrow} from "../src/interfaces/IEscrow.sol";
import {IPromptMarketplace} from "../src/interfaces/IPromptMarketplace.sol";
import {PromptMarketplace} from "../src/PromptMarketplace.sol";
import {Token} from "./Doubles.sol";
import {MiniTest} from "./MiniTest.sol";

/// Makes the calls. Its functions never revert: what a market refuses is caught.
contract Walker is MiniTest {
    address private constant OWNER = address(0x0E7);
    address private constant ARBITER = address(0xA4B);
    address private constant STRANGER = address(0x57A);
    uint256 private constant MOST = 100 ether;
    bytes32 private constant KEY = "key";

    // A step is drawn from 0 .. LAST; each is the name's number up to the next name's.
    uint256 private constant RELEASE = 3; // before it: deliver
    uint256 private constant REFUND = 4;
    uint256 private constant DISPUTE = 5;
    uint256 private constant RESOLVE = 8;
    uint256 private constant LAST = 11; // proveMismatch, settle

    PromptMarketplace private immutable MARKET;
    ComputeRental private immutable RENTAL;
    Token private immutable TOKEN;

    IPromptMarketplace.Offer[] private _offers;
    IComputeRental.Bid[] private _bids;
    uint256 private _salt;

    /// Held for open deals, bonds included.
    mapping(address escrow => mapping(address token => uint256)) public locked;
    /// Last state seen of each deal.
    mapping(bytes32 id => IEscrow.State) private _last;
    /// How often each state was entered, to know that the walk goes everywhere.
    mapping(IEscrow.State => uint256) public entered;

    constructor(PromptMarketplace market, ComputeRental rental, Token token) {
        MARKET = market;
        RENTAL = rental;
        TOKEN = token;
        for (uint256 i = 0; i < 3; i++) {
            address who = vm.addr(_secret(i));
            vm.deal(who, 1e6 ether);
            token.mint(who, 1e6 ether);
            vm.startPrank(who);
            token.approve(address(market), type(uint256).max);
            token.approve(address(rental), type(uint256).max);
            vm.stopPrank();
        }
    }

    // ---- who and what ---------------------------------------------------------------------------

    function _secret(uint256 i) private pure returns (uint256) {
        return 0xA0 + i % 3;
    }

    function _secretOf(address who) private pure returns (uint256) {
        for (uint256 i = 0; i < 2; i++) {
            if (vm.addr(_secret(i)) == who) return _secret(i);
        }
        return _secret(2);
    }

    /// Payee and payer, which are never the same.
    function _pair(uint256 seed) private pure returns (address payee, address payer) {
        payee = vm.addr(_secret(seed));
        payer = vm.addr(_secret(seed % 3 + 1 + (seed >> 8) % 2));
    }

    /// Mostly the one whose step it is, so that deals get on; now and then anyone at all.
    function _caller(uint256 seed, uint256 step, address payee, address payer)
        private
        pure
        returns (address)
    {
        if (seed % 4 == 0) return [payee, payer, ARBITER, OWNER, STRANGER][(seed >> 8) % 5];
        if (step >= RESOLVE && step < LAST) return ARBITER;
        return step == RELEASE || (step >= DISPUTE && step < RESOLVE) ? payer : payee;
    }

    function _money(uint256 seed) private view returns (address) {
        return seed % 2 == 0 ? address(0) : address(TOKEN);
    }

    function _escrow(uint256 seed) private view returns (Escrow) {
        return seed % 2 == 0 ? Escrow(MARKET) : Escrow(RENTAL);
    }

    function _mix(uint256 seed, uint256 i) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i)));
    }

    /// One of the newest four mostly, so that deals get on; any of all now and then.
    function _pick(uint256 seed, uint256 count) private pure returns (uint256) {
        uint256 recent = seed % 8 == 0 || count < 4 ? count : 4;
        return count - 1 - (seed >> 8) % recent;
    }

    // ---- opening --------------------------------------------------------------------------------

    function open(uint256 seed, uint256 price) external {
        uint256 what = seed % 5;
        seed >>= 8;
        if (what < 2) _buy(seed, price);
        else if (what < 3) _buyListed(seed, price);
        else _accept(seed, price);
    }

    function _buy(uint256 seed, uint256 price) private {
        IPromptMarketplace.Offer memory offer;
        (offer.seller, offer.buyer) = _pair(seed);
        offer.token = _money(seed >> 16);
        offer.arbiter = (seed >> 17) % 4 == 0 ? address(0) : ARBITER;
        offer.price = within(price, 1, MOST);
        // Every second seller commits to a capsule that opens nothing.
        bytes32 pad = keccak256(abi.encode(KEY, uint256(0)));
        offer.contentHash = keccak256(abi.encode(bytes32((seed >> 19) % 2)));
        offer.keyHash = keccak256(abi.encode(KEY));
        offer.cipherHash = keccak256(abi.encode(pad));
        offer.deliverWithin = 10 minutes;
        offer.confirmWindow = 10 minutes;
        offer.validUntil = vm.getBlockTimestamp();
        offer.counter = MARKET.counter(offer.seller);
        offer.salt = ++_salt;
        bytes memory sig = signed(_secretOf(offer.seller), MARKET.offerId(offer));
        vm.prank(offer.buyer);
        MARKET.buy{value: offer.token == address(0) ? offer.price : 0}(offer, sig, "");
        _opened(MARKET, MARKET.offerId(offer), offer.token, offer.price);
        _offers.push(offer);
    }

    function _buyListed(uint256 seed, uint256 price) private {
        IPromptMarketplace.Offer memory offer;
        address buyer;
        (offer.seller, buyer) = _pair(seed);
        offer.token = _money(seed >> 16);
        offer.arbiter = ARBITER;
        offer.price = within(price, 1, MOST);
        offer.contentHash = "content";
        offer.deliverWithin = 10 minutes;
        offer.confirmWindow = 10 minutes;
        offer.validUntil = vm.getBlockTimestamp();
        offer.counter = MARKET.counter(offer.seller);
        offer.salt = ++_salt;
        vm.prank(offer.seller);
        MARKET.list(offer, "");
        vm.prank(buyer);
        MARKET.buyListed{value: offer.token == address(0) ? offer.price : 0}(offer, _salt, "");
        offer.buyer = buyer;
        _opened(MARKET, MARKET.offerId(offer), offer.token, offer.price);
        _offers.push(offer);
    }

    function _accept(uint256 seed, uint256 price) private {
        IComputeRental.Bid memory bid;
        (bid.provider, bid.requester) = _pair(seed);
        bid.token = _money(seed >> 16);
        bid.arbiter = (seed >> 17) % 4 == 0 ? address(0) : ARBITER;
        bid.price = within(price, 1, MOST);
        bid.bond = RENTAL.credit(bid.token, bid.provider) / 2;
        bid.submitWithin = 10 minutes;
        bid.confirmWindow = 10 minutes;
        bid.validUntil = vm.getBlockTimestamp();
        bid.counter = RENTAL.counter(bid.provider);
        bid.salt = ++_salt;
        bytes memory sig = signed(_secretOf(bid.provider), RENTAL.bidId(bid));
        vm.prank(bid.requester);
        RENTAL.accept{value: bid.token == address(0) ? bid.price : 0}(bid, sig, "");
        _opened(RENTAL, RENTAL.bidId(bid), bid.token, bid.price + bid.bond);
        _bids.push(bid);
    }

    function _opened(Escrow escrow, bytes32 id, address token, uint256 held) private {
        (IEscrow.State state,) = escrow.stateOf(id);
        vm.assertTrue(state == IEscrow.State.Funded, "an opened deal is funded");
        locked[address(escrow)][token] += held;
        _last[id] = state;
        entered[state]++;
    }

    // ---- steps ----------------------------------------------------------------------------------

    /// Several tries a call, so that deals get on faster than new ones are opened.
    function stepsOfSales(uint256 seed) external {
        for (uint256 i = 0; i < 4 && _offers.length != 0; i++) {
            _stepOfSale(_mix(seed, i), _mix(seed, i + 4), _mix(seed, i + 8));
        }
    }

    function _stepOfSale(uint256 seed, uint256 step, uint256 bps) private {
        IPromptMarketplace.Offer memory offer = _offers[_pick(seed, _offers.length)];
        uint256 fees = MARKET.credit(offer.token, OWNER);
        vm.prank(_caller(step >> 8, step % (LAST + 1), offer.seller, offer.buyer));
        _trySale(offer, step % (LAST + 1), within(bps, 0, 11_000));
        bytes32 id = MARKET.offerId(offer);
        _stepped(MARKET, id, offer.token, offer.price, offer.price, fees);
    }

    function _trySale(IPromptMarketplace.Offer memory offer, uint256 step, uint256 bps) private {
        if (step < RELEASE) try MARKET.deliver(offer, KEY) {} catch {}
        if (step == RELEASE) try MARKET.release(offer) {} catch {}
        if (step == REFUND) try MARKET.refund(offer) {} catch {}
        if (step >= DISPUTE && step < RESOLVE) try MARKET.dispute(offer, "") {} catch {}
        if (step >= RESOLVE && step < LAST) try MARKET.resolve(offer, bps, "") {} catch {}
        if (step == LAST) {
            bytes32 pad = keccak256(abi.encode(KEY, uint256(0)));
            try MARKET.proveMismatch(offer, KEY, pad) {} catch {}
        }
    }

    function stepsOfJobs(uint256 seed) external {
        for (uint256 i = 0; i < 4 && _bids.length != 0; i++) {
            _stepOfJob(_mix(seed, i), _mix(seed, i + 4), _mix(seed, i + 8), _mix(seed, i + 12));
        }
    }

    function _stepOfJob(uint256 seed, uint256 step, uint256 bps, uint256 amount) private {
        IComputeRental.Bid memory bid = _bids[_pick(seed, _bids.length)];
        bytes32 id = RENTAL.bidId(bid);
        uint256 fees = RENTAL.credit(bid.token, OWNER);
        amount = within(amount, 0, bid.price + 1);
        bytes memory sig = _receipt(bid, id, amount, step >> 32);
        vm.prank(_caller(step >> 8, step % (LAST + 1), bid.provider, bid.requester));
        if (step % (LAST + 1) == LAST) {
            try RENTAL.settle(bid, "result", amount, sig) {} catch {}
        } else {
            _tryJob(bid, step % (LAST + 1), within(bps, 0, 11_000), bps % 2 == 0);
        }
        _stepped(RENTAL, id, bid.token, bid.price + bid.bond, bid.price, fees);
    }

    function _tryJob(IComputeRental.Bid memory bid, uint256 step, uint256 bps, bool slash) private {
        if (step < RELEASE) try RENTAL.submit(bid, "result") {} catch {}
        if (step == RELEASE) try RENTAL.release(bid) {} catch {}
        if (step == REFUND) try RENTAL.refund(bid) {} catch {}
        if (step >= DISPUTE && step < RESOLVE) try RENTAL.dispute(bid, "") {} catch {}
        if (step >= RESOLVE && step < LAST) try RENTAL.resolve(bid, bps, slash, "") {} catch {}
    }

    /// Signed by the requester, or now and then by somebody else.
    function _receipt(IComputeRental.Bid memory bid, bytes32 id, uint256 amount, uint256 seed)
        private
        view
        returns (bytes memory)
    {
        bytes32 terms =
            keccak256(abi.encode(RENTAL.RECEIPT_TYPEHASH(), id, bytes32("result"), amount));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", RENTAL.domainSeparator(), terms));
        return signed(seed % 4 == 0 ? _secret(seed) : _secretOf(bid.requester), digest);
    }

    function _stepped(
        Escrow escrow,
        bytes32 id,
        address token,
        uint256 held,
        uint256 price,
        uint256 feesBefore
    ) private {
        (IEscrow.State state, uint256 deadline) = escrow.stateOf(id);
        IEscrow.State last = _last[id];
        vm.assertTrue(state >= last, "a state went back");
        if (last >= IEscrow.State.Released) vm.assertTrue(state == last, "an end was not one");
        uint256 fee = escrow.credit(token, OWNER) - feesBefore;
        vm.assertLe(fee, price * 300 / 10_000, "fee above 3 %");
        if (state == last) return;
        _last[id] = state;
        entered[state]++;
        if (state < IEscrow.State.Released) {
            vm.assertTrue(deadline > vm.getBlockTimestamp(), "a funded deal without an exit");
            vm.assertEq(fee, 0, "fee before the end");
        } else {
            vm.assertEq(deadline, 0, "an ended deal with a deadline");
            if (state == IEscrow.State.Refunded) vm.assertEq(fee, 0, "fee of a refund");
            locked[address(escrow)][token] -= held;
        }
    }

    // ---- the rest -------------------------------------------------------------------------------

    function money(uint256 seed, uint256 amount) external {
        uint256 what = (seed >> 16) % 8;
        if (what < 4) _deposit(seed, within(amount, 1, MOST));
        else if (what < 7) _withdraw(seed, amount);
        else _bumpCounter(seed);
    }

    function _deposit(uint256 seed, uint256 amount) private {
        address token = _money(seed >> 8);
        vm.prank(vm.addr(_secret(seed)));
        _escrow(seed >> 9).deposit{value: token == address(0) ? amount : 0}(token, amount, "");
    }

    function _withdraw(uint256 seed, uint256 to) private {
        address who = seed % 4 == 3 ? OWNER : vm.addr(_secret(seed));
        vm.prank(who);
        try _escrow(seed >> 9).withdraw(_money(seed >> 8), vm.addr(_secret(to))) {} catch {}
    }

    function _bumpCounter(uint256 seed) private {
        vm.prank(vm.addr(_secret(seed)));
        _escrow(seed >> 9).bumpCounter();
    }

    /// Mostly some minutes, now and then past every deadline.
    function pass(uint256 seed) external {
        uint256 elapsed = seed % 16 == 0 ? 15 days : within(seed >> 8, 1, 2 minutes);
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    // ---- sums -----------------------------------------------------------------------------------

    function owed(Escrow escrow, address token) external view returns (uint256 sum) {
        sum = locked[address(escrow)][token];
        for (uint256 i = 0; i < 3; i++) {
            sum += escrow.credit(token, vm.addr(_secret(i)));
        }
        sum += escrow.credit(token, OWNER) + escrow.credit(token, ARBITER);
        sum += escrow.credit(token, STRANGER);
    }

    /// What every deal's state is now, against what was seen last.
    function check() external view {
        for (uint256 i = 0; i < _offers.length; i++) {
            bytes32 id = MARKET.offerId(_offers[i]);
            (IEscrow.State state,) = MARKET.stateOf(id);
            vm.assertTrue(state == _last[id], "a sale changed by another's call");
        }
        for (uint256 i = 0; i < _bids.length; i++) {
            bytes32 id = RENTAL.bidId(_bids[i]);
            (IEscrow.State state,) = RENTAL.stateOf(id);
            vm.assertTrue(state == _last[id], "a job changed by another's call");
        }
    }
}

contract InvariantTest is MiniTest {
    PromptMarketplace private _market;
    ComputeRental private _rental;
    Token private _token;
    Walker private _walker;

    function setUp() external {
        vm.warp(1_800_000_000);
        _market = new PromptMarketplace(address(0x0E7));
        _rental = new ComputeRental(address(0x0E7));
        _token = new Token();
        _walker = new Walker(_market, _rental, _token);
        target(address(_walker));
    }

    function _holds(Escrow escrow) private view {
        address token = address(_token);
        vm.assertEq(address(escrow).balance, _walker.owed(escrow, address(0)), "coin");
        vm.assertEq(_token.balanceOf(address(escrow)), _walker.owed(escrow, token), "token");
    }

    function invariant_each_market_holds_its_open_deals_and_credits() external view {
        _holds(_market);
        _holds(_rental);
    }

    function afterInvariant() external view {
        _walker.check();
    }
}

/// The walk itself: with a fixed seed it reaches every state, so that the invariants say something.
contract WalkTest is MiniTest {
    function test_the_walk_enters_every_state() external {
        vm.warp(1_800_000_000);
        PromptMarketplace market = new PromptMarketplace(address(0x0E7));
        ComputeRental rental = new ComputeRental(address(0x0E7));
        Walker walker = new Walker(market, rental, new Token());
        for (uint256 i = 0; i < 600; i++) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            if (i % 5 == 0) walker.open(seed, seed >> 64);
            else if (i % 5 == 1) walker.money(seed, seed >> 64);
            else if (i % 5 == 2) walker.pass(seed);
            else if (i % 5 == 3) walker.stepsOfSales(seed);
            else walker.stepsOfJobs(seed);
        }
        walker.check();
        for (uint256 i = 1; i <= uint256(type(IEscrow.State).max); i++) {
            vm.assertLe(3, walker.entered(IEscrow.State(i)), "a state was hardly entered");
        }
    }
}
