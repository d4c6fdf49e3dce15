namespace PromptPilot.Core.Experiments.Statistics;

/// <summary>The agreement of two judges that say pass or fail on the same outputs.</summary>
/// <param name="Kappa">Cohen's κ: 1 is full agreement, 0 what chance alone would give. Null when chance explains everything or nothing was
/// judged by both.</param>
public sealed record Agreement(int BothPass, int OnlyFirst, int OnlySecond, int BothFail, double? Kappa)
{
    /// <summary>Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20:37–46.</summary>
    /// <param name="onlyFirst">The first says pass, the second fail.</param>
    public static Agreement Of(int bothPass, int onlyFirst, int onlySecond, int bothFail)
    {
        double n = bothPass + onlyFirst + onlySecond + bothFail;
        if (n == 0)
        {
            return new Agreement(0, 0, 0, 0, null);
        }

        var observed = (bothPass + bothFail) / n;
        var first = (bothPass + onlyFirst) / n;
        var second = (bothPass + onlySecond) / n;
        var chance = (first * second) + ((1 - first) * (1 - second));
        return new Agreement(bothPass, onlyFirst, onlySecond, bothFail, chance >= 1 ? null : (observed - chance) / (1 - chance));
    }
}
