using System.Diagnostics.CodeAnalysis;

namespace PromptPilot.Core.Shared;

/// <summary>Why an operation was refused; the HTTP surface maps each to one status code.</summary>
public enum ProblemKind
{
    /// <summary>The request is malformed or breaks a rule (400).</summary>
    Invalid,

    /// <summary>Nobody is signed in, or the actor no longer exists or is locked (401).</summary>
    Unauthenticated,

    /// <summary>The actor may not do this (403).</summary>
    Forbidden,

    /// <summary>There is no such thing (404).</summary>
    NotFound,

    /// <summary>The state of the thing forbids it, e.g. deleting what is in use (409).</summary>
    Conflict,

    /// <summary>Someone else changed it since it was read (412).</summary>
    Stale,

    /// <summary>A request or value over its size limit (413).</summary>
    TooLarge,

    /// <summary>A body in a format that is not taken here (415).</summary>
    UnsupportedType,

    /// <summary>Well-formed, but its content cannot be used (422).</summary>
    Unprocessable,

    /// <summary>An Idempotency-Key that came before with another request (422).</summary>
    KeyReused,

    /// <summary>Too many requests (429).</summary>
    TooMany,

    /// <summary>The host is stopping or not ready (503).</summary>
    Unavailable,
}

/// <summary>
/// One thing that is wrong, at its field. <paramref name="Field"/> is the JSON path in camelCase, e.g. <c>steps[1].inputMapping.notes</c>;
/// lines and columns count from 1.
/// </summary>
public sealed record FieldError(string Field, string Message, int? Line = null, int? Column = null);

/// <summary>A refusal that a user can understand: what happened and what to do.</summary>
public sealed record Problem(ProblemKind Kind, string Message, IReadOnlyList<FieldError> Errors)
{
    /// <summary>The most errors that are looked for and returned; the sender fixes these first.</summary>
    public const int MostErrors = 100;

    public static Problem Invalid(string message, params IReadOnlyList<FieldError> errors) => new(ProblemKind.Invalid, message, errors);

    public static Problem AtField(string field, string message) => new(ProblemKind.Invalid, message, [new FieldError(field, message)]);

    public static Problem NotFound(string what) => new(ProblemKind.NotFound, $"There is no such {what}. It may have been deleted.", []);

    public static Problem Conflict(string message) => new(ProblemKind.Conflict, message, []);

    public static Problem Forbidden(string message) => new(ProblemKind.Forbidden, message, []);

    public static Problem Stale(string what) =>
        new(ProblemKind.Stale, $"Someone else changed this {what} since you opened it. Reload it, then make your change again.", []);
}

/// <summary>Either a value or a <see cref="Shared.Problem"/>. Errors a user can cause are values; bugs are exceptions.</summary>
public readonly record struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Problem? problem)
    {
        _value = value;
        Problem = problem;
    }

    public Problem? Problem { get; }

    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsOk => Problem is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The result is a problem.</exception>
    public T Value => IsOk ? _value! : throw new InvalidOperationException($"The result is a problem: {Problem.Message}");

    public Result<TOther> Map<TOther>(Func<T, TOther> map) => IsOk ? map(_value!) : Problem;

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Problem problem) => new(default, problem);
}

/// <summary>The value of an operation that has nothing to say but that it was done.</summary>
public readonly record struct Done;
