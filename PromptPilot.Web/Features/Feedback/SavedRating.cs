using PromptPilot.Core.Feedback;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>A rating that was saved, with what it replaced.</summary>
/// <param name="Before">Null: there was none.</param>
public sealed record SavedRating(string LogId, int Rating, FeedbackInput? Before);
