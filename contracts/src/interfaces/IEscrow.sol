// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What the two markets share: a deal is money held until one of two parties has earned it.
//
// A deal has one storage slot (its state and its deadline). Its id is the EIP-712 digest of its
// terms, so the id binds the chain, the contract and every term, and no deal can be opened twice.
// Each later step brings the terms again as calldata; other terms are another id, in state None.
//
// The table below is the whole machine. It is read by build.mjs into abi/transitions.json, which
// the contracts' tests walk on a real EVM; the client compares its own table with that file.
// Time: `by` is t <= deadline, `late` is t > deadline, `any` is both. `anyone` includes the parties.
// Market: `both`, or the one contract that has the step. ComputeRental calls `deliver` `submit`.
//
//   state      step           who      time  next       market
//   ---------  -------------  -------  ----  ---------  -------
//   None       open           payer    by    Funded     both     buy, buyListed, accept; by validUntil
//   Funded     deliver        payee    by    Delivered  both     starts the confirm window
//   Funded     release        payer    any   Released   both     may pay before delivery
//   Funded     refund         payee    any   Refunded   both     gives the deal back
//   Funded     refund         anyone   late  Refunded   both     the delivery was missed
//   Funded     settle         payee    any   Released   compute  with the requester's receipt
//   Delivered  release        payer    any   Released   both
//   Delivered  release        anyone   late  Released   both     the payer said nothing
//   Delivered  refund         payee    any   Refunded   both
//   Delivered  dispute        payer    by    Disputed   both     only if the deal has an arbiter
//   Delivered  proveMismatch  anyone   by    Refunded   prompt   the key opens the wrong thing
//   Delivered  settle         payee    any   Released   compute
//   Disputed   release        payer    any   Released   both
//   Disputed   refund         payee    any   Refunded   both
//   Disputed   resolve        arbiter  by    Resolved   both     any split
//   Disputed   resolve        anyone   late  Resolved   both     the arbiter said nothing: halves
//   Disputed   settle         payee    any   Released   compute
//
// Released, Refunded and Resolved are terminal. Every funded state has a deadline after which one
// honest party alone ends the deal. At t == deadline the acting side may still act.

/// @title The escrow under both markets
/// @notice Deals hold the native coin (token address zero) or an ERC-20. The fee is 3 %, rounded
/// down, taken only from what the payee receives and credited to the contract's owner. The owner
/// can stop new deals and hand over the ownership; it has no way to a party's money, and it cannot
/// change the fee, the arbiter or the windows of a deal.
interface IEscrow {
    /// @notice State of a deal. On chain: do not renumber.
    enum State {
        None,
        Funded,
        Delivered,
        Disputed,
        Released,
        Refunded,
        Resolved
    }

    // ---- events ---------------------------------------------------------------------------------

    /// @notice The payee has handed over; the payer's confirm window runs.
    /// @param what the revealed key of a prompt, or the hash of a job's result
    /// @param confirmBy last second at which the payer can object
    event Delivered(bytes32 indexed id, bytes32 what, uint256 confirmBy);

    /// @notice The payer objects.
    /// @param evidence hash of what the arbiter is to read
    /// @param resolveBy last second at which the arbiter can decide
    event Disputed(bytes32 indexed id, address indexed by, bytes32 evidence, uint256 resolveBy);

    /// @notice The deal is over. The three amounts sum to its price; a bond is not part of them.
    /// @param toPayee after the fee
    /// @param reason the arbiter's reason, the hash of a receipted result, "mismatch", or zero
    event Settled(
        bytes32 indexed id,
        State state,
        address by,
        uint256 toPayee,
        uint256 fee,
        uint256 toPayer,
        bytes32 reason
    );

    /// @notice Money now waits in the contract for `who`, who takes it with `withdraw`.
    event Credited(address indexed who, address indexed token, uint256 amount);

    /// @notice Money was pushed to `who` at a settlement.
    event Paid(address indexed who, address indexed token, uint256 amount);

    /// @notice `who` took its whole credit in `token` and sent it to `to`.
    event Withdrawn(address indexed who, address indexed token, address to, uint256 amount);

    /// @notice The signed terms `id` can no longer be opened. Open deals are not touched.
    event Cancelled(address indexed signer, bytes32 id);

    /// @notice Every offer that `signer` signed with a smaller counter is void.
    event CounterBumped(address indexed signer, uint256 counter);

    // ---- errors ---------------------------------------------------------------------------------

    /// @notice The caller is not the party that this step belongs to.
    error NotParty();
    /// @notice The deal is in `state`, where this step does not exist.
    error WrongState(State state);
    /// @notice The other side may still act, up to and including `until`.
    error TooEarly(uint256 until);
    /// @notice The time for this step ended with `since`.
    error TooLate(uint256 since);
    /// @notice The amount is zero, too large, not covered, or not what was sent along.
    error BadValue();
    /// @notice The signature is not that of the party which the terms name.
    error BadSignature();
    /// @notice The terms are inconsistent, cancelled, out of bounds, or void by a newer counter.
    error BadTerms();
    /// @notice The receiver of a withdrawal refused the coin.
    error TransferFailed();
    /// @notice The token moved another amount than it was told to, such as one with a fee.
    error TokenNotExact();

    // ---- limits ---------------------------------------------------------------------------------

    /// @notice The fee in hundredths of a percent: 300.
    function FEE_BPS() external view returns (uint256);

    /// @notice How long an arbiter has; after it anyone halves the deal.
    function ARBITRATION_WINDOW() external view returns (uint256);

    /// @notice Shortest window in a deal: block times are good to some seconds only.
    function MIN_WINDOW() external view returns (uint256);

    /// @notice Longest window in a deal: nobody's money is held for ever.
    function MAX_WINDOW() external view returns (uint256);

    // ---- reading --------------------------------------------------------------------------------

    /// @notice State and deadline of a deal.
    /// @param id the EIP-712 digest of its terms
    /// @return state None for an id that was never opened
    /// @return deadline zero in None and in a terminal state
    function stateOf(bytes32 id) external view returns (State state, uint256 deadline);

    /// @notice What waits for `who` in `token` (zero: the coin).
    function credit(address token, address who) external view returns (uint256);

    /// @notice The counter that a valid offer of `signer` must carry.
    function counter(address signer) external view returns (uint256);

    /// @notice Whether the terms `id` were cancelled by their signer.
    function cancelled(bytes32 id) external view returns (bool);

    /// @notice EIP-712 domain separator; name and version are in `eip712Domain()`.
    function domainSeparator() external view returns (bytes32);

    // ---- money outside a deal -------------------------------------------------------------------

    /// @notice Pays in a credit, of which a provider's bonds are taken.
    /// @param token zero for the coin, and then `amount` is the value sent
    /// @param permit empty, or abi.encode(deadline, v, r, s) of an ERC-2612 permit for `amount`. One
    /// that somebody else has sent first is no error as long as the allowance is there.
    function deposit(address token, uint256 amount, bytes calldata permit) external payable;

    /// @notice Sends the caller's whole credit in `token` to `to`: another address than one's own
    /// helps who is refused by a token, or is a contract that cannot receive.
    function withdraw(address token, address to) external returns (uint256 amount);

    /// @notice Voids all offers that the caller has signed so far. Open deals are not touched.
    function bumpCounter() external;

    // ---- the owner ------------------------------------------------------------------------------

    /// @notice Stops new deals, listings and bids. Open deals go on, and so do withdrawals.
    function pause() external;

    /// @notice Allows new deals again.
    function unpause() external;
}
