// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "./IEscrow.sol";

// A compute job: a provider signs a bid for one requester, the requester accepts it with the money,
// the provider runs the job and is paid by the requester's signed receipt (two transactions in all),
// by release, or by the requester's silence. A bond, taken from the provider's credit, goes to the
// requester when the result is late, or when the arbiter says so. States and times: IEscrow.sol,
// with requester = payer, provider = payee, `submit` = deliver, `accept` = open.
//
// jobHash is the hash of all that decides the result (module, input, limits, unit of price), so a
// dispute over a deterministic job is decided by running it again: the arbiter may be a program.

/// @title The market for compute
interface IComputeRental is IEscrow {
    /// @notice Terms of a job. EIP-712 type `Bid`, domain "ComputeRental", version "1".
    /// @param provider is paid; signs the bid
    /// @param requester pays
    /// @param token zero for the coin; price and bond are in it
    /// @param arbiter neither party; zero: there are no disputes
    /// @param price the most that the job can cost
    /// @param bond what the provider loses to the requester if no result comes in time
    /// @param jobHash what is to be done
    /// @param peerId hash of the libp2p identity that does it
    /// @param submitWithin seconds from the acceptance
    /// @param confirmWindow seconds from the submission
    /// @param validUntil last second at which the bid can be accepted
    /// @param counter the provider's counter
    /// @param salt makes equal terms distinct
    struct Bid {
        address provider;
        address requester;
        address token;
        address arbiter;
        uint256 price;
        uint256 bond;
        bytes32 jobHash;
        bytes32 peerId;
        uint256 submitWithin;
        uint256 confirmWindow;
        uint256 validUntil;
        uint256 counter;
        uint256 salt;
    }

    /// @notice A job looks for bids. Nothing is held and nothing is promised.
    event JobPosted(
        bytes32 indexed jobHash,
        address indexed requester,
        address token,
        uint256 maxPrice,
        uint256 bidsUntil,
        string uri
    );

    /// @notice A bid that was placed on chain and needs no signature.
    event BidPlaced(bytes32 indexed id, bytes32 indexed jobHash, address indexed provider, Bid bid);

    /// @notice A deal is open. All its terms are here: a client rebuilds everything from the log.
    event Accepted(
        bytes32 indexed id,
        address indexed requester,
        address indexed provider,
        Bid bid,
        uint256 submitBy
    );

    /// @notice The bond became credit again, of the provider or, where it was forfeit, of the
    /// requester.
    event BondReturned(bytes32 indexed id, uint256 toProvider, uint256 toRequester);

    /// @notice EIP-712 type hash of Bid.
    function BID_TYPEHASH() external view returns (bytes32);

    /// @notice EIP-712 type hash of Receipt(bytes32 id,bytes32 resultHash,uint256 amount).
    function RECEIPT_TYPEHASH() external view returns (bytes32);

    /// @notice The deal's id: the EIP-712 digest that the provider signs.
    function bidId(Bid calldata bid) external view returns (bytes32);

    /// @notice Whether the bid `id` was placed on chain.
    function placed(bytes32 id) external view returns (bool);

    /// @notice Announces a job in the log, for requesters that no mesh carries.
    function postJob(
        bytes32 jobHash,
        address token,
        uint256 maxPrice,
        uint256 bidsUntil,
        string calldata uri
    ) external;

    /// @notice Bids on chain, for a provider that is a contract and cannot sign.
    function placeBid(Bid calldata bid) external returns (bytes32 id);

    /// @notice The provider voids one bid that is not accepted yet.
    function cancel(Bid calldata bid) external;

    /// @notice The requester takes a bid, with the money; the provider's bond leaves its credit.
    /// @param sig ECDSA (65 bytes), what an ERC-1271 provider accepts, or empty for a placed bid
    /// @param permit see IEscrow.deposit
    function accept(Bid calldata bid, bytes calldata sig, bytes calldata permit)
        external
        payable
        returns (bytes32 id);

    /// @notice The provider commits to a result.
    function submit(Bid calldata bid, bytes32 resultHash) external;

    /// @notice Pays the provider: the requester at any time, anyone after the confirm window.
    function release(Bid calldata bid) external;

    /// @notice The provider settles with the requester's receipt, for all or the metered part of the
    /// price; the rest goes back to the requester.
    /// @param requesterSig the requester's signature of Receipt(id, resultHash, amount)
    function settle(
        Bid calldata bid,
        bytes32 resultHash,
        uint256 amount,
        bytes calldata requesterSig
    ) external;

    /// @notice Pays the requester back: the provider at any time (the bond returns to it), anyone
    /// after a missed submission (the bond goes to the requester).
    function refund(Bid calldata bid) external;

    /// @notice The requester objects in the confirm window of a deal that has an arbiter.
    function dispute(Bid calldata bid, bytes32 evidence) external;

    /// @notice The arbiter splits the price; anyone halves it once the arbiter's time is over.
    /// @param providerBps the provider's part, 0 to 10000, of which the fee is taken
    /// @param slash the bond goes to the requester; without effect once the arbiter's time is over
    function resolve(Bid calldata bid, uint256 providerBps, bool slash, bytes32 reason) external;
}
